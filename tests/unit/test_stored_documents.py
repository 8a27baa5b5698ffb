"""Stored documents: asked by their ids over GET, POST and events, and the only ones for callers who may ask no others."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from crashgraph.app import stored_documents
from crashgraph.cli import cli
from crashgraph.settings import Settings
from graph.model.errors import InvalidInputError
from schema.app import graphql_app
from schema.context import Context
from schema.documents import Documents, documents_in, documents_of, hash_id

TYPE = "query Type($again: Boolean = false) { __typename again: __typename @include(if: $again) }"
WRITES = "mutation { cancelJob(input: {runId: 1}) { clientMutationId } }"
APOLLO = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "abc", "name": "T", "body": TYPE}]}
STORED = documents_of({"type": TYPE, "write": WRITES})


def no_context(_request: object) -> Context:
    return Context(graph=None, matcher=None, receiver=None)  # type: ignore[arg-type]  # nothing here reads them


def client(documents: Documents) -> httpx.AsyncClient:
    made = graphql_app(no_context, documents)
    return httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://crashgraph")


def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("id", ["type", hash_id(TYPE)])
async def test_a_document_is_asked_by_its_id(id: str) -> None:
    async with client(STORED) as asking:
        posted = await asking.post("/graphql", json={"documentId": id, "variables": {"again": True}, "operationName": "Type"})
        assert posted.json()["data"] == {"__typename": "Query", "again": "Query"}
        got = await asking.get("/graphql", params={"documentId": id, "variables": '{"again": true}'})
        assert got.json()["data"] == posted.json()["data"]
        events = await asking.post("/graphql", json={"documentId": id}, headers={"Accept": "text/event-stream"})
        assert '{"__typename":"Query"}' in events.text


async def test_a_stored_mutation_is_refused_by_get() -> None:
    async with client(STORED) as asking:
        assert (await asking.get("/graphql", params={"documentId": "write"})).status_code == 405


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"documentId": "none"}, "DOCUMENT_NOT_FOUND"),
        ({"documentId": "sha256:" + "0" * 64}, "DOCUMENT_NOT_FOUND"),
        ({"documentId": ["type"]}, "INVALID_INPUT"),
        ({"documentId": None}, "INVALID_INPUT"),
        ({"documentId": "type", "query": "{ __typename }"}, "INVALID_INPUT"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"variables": {"documentId": "type"}}, "INVALID_QUERY"),
    ],
)
async def test_an_unknown_document_is_refused_with_a_code(request_: dict[str, object], code: str) -> None:
    async with client(STORED) as asking:
        answer = await asking.post("/graphql", json=request_)
        assert (answer.status_code, code_of(answer)) == (400, code)
        if all(isinstance(value, str) for value in request_.values()):
            got = await asking.get("/graphql", params=request_)  # type: ignore[arg-type]  # texts, as was asked
            assert (got.status_code, code_of(got)) == (400, code)


async def test_a_refused_id_is_quoted_without_its_secret() -> None:
    async with client(STORED) as asking:
        answer = await asking.post("/graphql", json={"documentId": "password=hunter2secret"})
        assert "hunter2secret" not in answer.text


async def test_apollo_finds_stored_documents_by_hash_and_registers_none() -> None:
    async with client(STORED) as asking:
        hashed = {"persistedQuery": {"version": 1, "sha256Hash": hash_id(TYPE).removeprefix("sha256:")}}
        assert (await asking.post("/graphql", json={"extensions": hashed})).json()["data"] == {"__typename": "Query"}
        by_get = await asking.get("/graphql", params={"extensions": json.dumps(hashed)})
        assert by_get.json()["data"] == {"__typename": "Query"}
        new = "{ a: __typename }"
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_id(new).removeprefix("sha256:")}}
        assert (await asking.post("/graphql", json={"query": new, "extensions": extensions})).json()["data"] == {"a": "Query"}
        assert code_of(await asking.post("/graphql", json={"extensions": extensions})) == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.parametrize(("role", "only", "refused"), [
    ("viewer", "viewer", True), ("admin", "viewer", False), ("admin", "viewer, admin", True),
    ("viewer", "all", True), (None, "all", True), (None, "viewer", False), ("viewer", "", False),
])  # fmt: skip
def test_a_setting_names_the_roles_that_may_ask_stored_documents_only(
    tmp_path: Path, role: str | None, only: str, *, refused: bool
) -> None:
    (tmp_path / "type.graphql").write_text(TYPE)
    documents = stored_documents(Settings(documents=tmp_path, documents_only=only))
    assert documents.refuses("{ a: __typename }", role) is refused
    assert documents.refuses(None, role) is refused
    assert not documents.refuses(TYPE, role)


@pytest.mark.parametrize("wrong", ["everyone", "viewer admin", "viewer,"])
def test_an_unknown_role_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(documents_only=wrong)


def test_a_folder_has_files_and_manifests_and_faults_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "type.graphql").write_text(TYPE)
    (tmp_path / "apollo.json").write_text(json.dumps(APOLLO))
    (tmp_path / "z-relay.json").write_text(json.dumps({"5f4d": "{ __typename }", hash_id("{ x }"): "{ y }", "type": "{ z }"}))
    (tmp_path / "broken.graphql").write_text("{ a")
    (tmp_path / "broken.json").write_text("[")
    (tmp_path / "with space.graphql").write_text("{ b }")
    (tmp_path / "notes.txt").write_text("no document")
    with caplog.at_level(logging.WARNING):
        documents = documents_in(tmp_path)
    assert set(documents.texts) == {"type", "abc", "5f4d", hash_id(TYPE), hash_id("{ __typename }")}
    for part in ("broken.graphql", "broken.json", "with space", "is not the hash", "another file has this id"):
        assert part in caplog.text


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        documents_in(tmp_path / "none")


def test_without_a_folder_the_examples_are_stored() -> None:
    assert "01-patterns" in stored_documents(Settings()).texts


def test_the_command_lists_documents_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    (tmp_path / "type.graphql").write_text(TYPE)
    done = CliRunner().invoke(cli, ["schema", "documents", str(tmp_path)])
    assert (done.exit_code, done.output.splitlines()) == (0, [f"type  {hash_id(TYPE)}"])
    (tmp_path / "wrong.graphql").write_text("{ nothing }")
    done = CliRunner().invoke(cli, ["schema", "documents", str(tmp_path)])
    assert done.exit_code == 1
    assert "wrong.graphql: wrong: Cannot query field 'nothing'" in done.output
