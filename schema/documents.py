"""Documents that the service knows: asked by ``documentId`` instead of their text, and all that some roles may ask.

The ids are those of the appendix "Persisted Documents" of GraphQL over HTTP: ``sha256:`` with the hash of the text, or one
that the folder gives, such as the name of a file.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import GraphQLError, parse
from strawberry.extensions import SchemaExtension

from graph.model.errors import DocumentNotFoundError, ForbiddenError, InvalidInputError, PersistedQueryError
from graph.model.outside_json import read_json
from graph.model.quoting import quoted
from schema.limits import MAX_CHARACTERS, MAX_TOKENS

HASHED = "sha256:"
ID = re.compile(r"[A-Za-z0-9._~-]{1,200}(:[A-Za-z0-9._~:-]{1,200})?")
"""Characters that the appendix allows."""
MOST_DOCUMENTS = 10_000
EVERYONE = "all"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Documents:
    """Texts by id, each also by its hash, and the roles that may ask for nothing else."""

    texts: Mapping[str, str] = field(default_factory=dict)
    only_for: Collection[str] = ()
    """Names of roles, or :data:`EVERYONE`."""

    def text_of(self, id: object) -> str:
        """The text; ``DocumentNotFoundError`` for an unknown id."""
        if not isinstance(id, str):
            raise InvalidInputError("documentId must be a text")
        if id not in self.texts:
            raise DocumentNotFoundError(f"documentId {quoted(id)} is not one of the stored documents; send the document itself")
        return self.texts[id]

    def resolved(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a request with the text in place of the id, if it has one.

        Apollo's hash in ``extensions`` is understood for stored documents. Others are never registered by clients: the
        error for them makes clients send the text from then on.
        """
        asked = dict(request)
        if "documentId" in asked:
            if asked.get("query") is not None:
                raise InvalidInputError("the request has both documentId and query; send one of them")
            asked["query"] = self.text_of(asked["documentId"])
        elif asked.get("query") is None and (hashed := _apollo_hash(asked.get("extensions"))) is not None:
            text = self.texts.get(HASHED + hashed)
            if text is None:
                raise PersistedQueryError("PersistedQueryNotSupported: this hash is not that of a stored document")
            asked["query"] = text
        return asked

    def refuses(self, text: str | None, role: str | None) -> bool:
        """Whether the caller may ask for stored documents only, and this is none. ``None`` is a caller without a user."""
        bound = EVERYONE in self.only_for or role in self.only_for
        return bound and hash_id(text or "") not in self.texts


class StoredOnly(SchemaExtension):
    """Refuses, with code ``FORBIDDEN``, other documents to callers who may ask for stored ones only."""

    def on_validate(self) -> Iterator[None]:
        """Before the document is validated: messages of validation reveal the schema."""
        execution = self.execution_context
        documents: Documents | None = getattr(execution.context, "documents", None)
        principal = getattr(execution.context, "principal", None)
        role = principal.user.role if principal else None
        if documents is not None and documents.refuses(execution.query, role):
            raise ForbiddenError("only stored documents are answered here; ask for one by its documentId")
        yield


def documents_in(folder: Path, only_for: Collection[str] = ()) -> Documents:
    """The documents of a folder: files ``ID.graphql``, and ``*.json`` that map ids to texts, as Relay and Apollo write them.

    Each is also known by the hash of its text. What cannot be read is left out and logged; ``InvalidInputError`` if the folder
    does not exist.
    """
    texts: dict[str, str] = {}
    for source, id, text, fault in read_documents(folder):
        if fault:
            logger.warning("stored document %s in %s is left out: %s", id, source, fault)
        else:
            texts[id] = text
    return documents_of(texts, only_for)


def documents_of(texts: Mapping[str, str], only_for: Collection[str] = ()) -> Documents:
    """These documents."""
    return Documents({**texts, **{hash_id(text): text for text in texts.values()}}, only_for)


def read_documents(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """All documents of a folder as file, id, text and what is wrong with it, if anything is."""
    if not folder.is_dir():
        raise InvalidInputError(f"the folder {folder} of stored documents does not exist")
    known: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".graphql", ".gql", ".json"}:
            continue
        try:
            content = path.read_text(encoding="utf-8")
            found = _manifest(content) if path.suffix == ".json" else {path.stem: content}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidInputError) as error:
            yield path.name, "", "", f"it cannot be read: {error}"
            continue
        for id, text in found.items():
            yield path.name, id, text, _fault(id, text, known)
            known.setdefault(id, text)


def hash_id(text: str) -> str:
    """The id by hash."""
    return HASHED + hashlib.sha256(text.encode()).hexdigest()


def _manifest(content: str) -> dict[str, str]:
    """Texts by id, of Relay's form or Apollo's."""
    value = read_json(content, "the file")
    if isinstance(value.get("operations"), list):
        return {str(one["id"]): str(one["body"]) for one in value["operations"]}
    return {str(id): str(text) for id, text in value.items()}


def _fault(id: str, text: str, known: Mapping[str, str]) -> str:
    if not ID.fullmatch(id):
        return "an id has letters, digits and . _ ~ -, and may have one of the prefixes sha256: and x-NAME:"
    if id.startswith(HASHED) and id != hash_id(text):
        return "the id is not the hash of the text"
    if known.get(id, text) != text:
        return "another file has this id for another text"
    if len(known) >= MOST_DOCUMENTS:
        return f"there are more than {MOST_DOCUMENTS:,}"
    if len(text) > MAX_CHARACTERS:
        return f"it is longer than {MAX_CHARACTERS:,} characters"
    try:
        parse(text, max_tokens=MAX_TOKENS)
    except (GraphQLError, RecursionError) as error:
        return f"it is not GraphQL: {str(error).splitlines()[0]}"
    return ""


def _apollo_hash(extensions: object) -> str | None:
    """The hash of Apollo's automatic persisted queries."""
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    hashed = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return hashed if isinstance(hashed, str) else None
