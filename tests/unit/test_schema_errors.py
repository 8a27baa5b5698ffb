"""Errors in answers and in the log."""

from __future__ import annotations

import logging

import pytest
from graphql import GraphQLError

from graph.model.errors import CrashgraphError, LimitError, NotFoundError, QueryError
from schema.errors import public_error

SECRET = "password=hunter2"


@pytest.mark.parametrize("kind", [NotFoundError, LimitError, QueryError, CrashgraphError])
def test_errors_of_the_tree_keep_their_message_and_show_their_code(kind: type[CrashgraphError]) -> None:
    shown = public_error(GraphQLError("m", path=["crash"], original_error=kind("no crash 'x'")), "r1")
    assert (shown.message, shown.extensions, shown.path) == ("no crash 'x'", {"code": kind.code}, ["crash"])


def test_other_exceptions_are_masked_and_their_text_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    raised = GraphQLError(SECRET, path=["crash"], original_error=ValueError(SECRET))
    with caplog.at_level(logging.DEBUG):
        shown = public_error(raised, "r1")
    assert shown.extensions == {"code": "INTERNAL", "requestId": "r1"}
    assert "r1" in shown.message
    assert shown.original_error is None
    assert SECRET not in shown.message
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text
    assert "r1" in caplog.text


def test_a_value_that_does_not_fit_its_type_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    shown = public_error(GraphQLError(f"String cannot represent value: {SECRET}", path=["crash", "title"]), "r1")
    assert (shown.extensions or {})["code"] == "INTERNAL"
    assert SECRET not in shown.message + caplog.text


def test_an_exception_before_the_first_field_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    shown = public_error(GraphQLError(SECRET, original_error=KeyError(SECRET)), "r1")
    assert (shown.extensions or {})["code"] == "INTERNAL"
    assert SECRET not in shown.message + caplog.text


def test_the_error_of_an_invalid_variable_is_shown() -> None:
    inner = GraphQLError("Value cannot represent a DateTime", original_error=ValueError("year"))
    shown = public_error(GraphQLError("Variable '$t': Value cannot represent a DateTime", original_error=inner), "r1")
    assert shown.extensions == {"code": "INVALID_QUERY"}
    assert "$t" in shown.message
