"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from crashgraph.api.values import InputModel as BaseModel
from .enums import (
    CrashStatus,
    EventKind,
    Feedback,
    PatternStatus,
    Severity,
    SolutionKind,
)


class CancelJobInput(BaseModel):
    """A run to cancel."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    run_id: str = Field(alias="runId")
    "The run, by its key or global id."


class CrashFilterInput(BaseModel):
    """A filter on crashes; omitted fields match everything."""

    statuses: Optional[list[CrashStatus]] = None
    "Any of these."
    severities: Optional[list[Severity]] = None
    "Any of these."
    product: Optional[str] = None
    "Program that crashed."
    site: Optional[str] = None
    "Installation or customer site."
    version: Optional[str] = None
    "Version of the program, as reported."
    error_type: Optional[str] = Field(alias="errorType", default=None)
    "Exception class or error name as reported."
    since: Optional[datetime] = None
    "Occurred at this time or later."
    until: Optional[datetime] = None
    "Occurred before this time."
    pattern: Optional[str] = None
    "Belongs to this pattern."
    search: Optional[str] = None
    "Words, or parts of words, in the name of its pattern."


class CrashInput(BaseModel):
    """A crash: the raw report, or an exception with its frames."""

    report: Optional[str] = None
    "Raw text; secrets in it are redacted before storing."
    exception: Optional["ExceptionInput"] = None
    "The error, if there is no raw text."
    frames: Optional[list["FrameInput"]] = None
    "Its stack, innermost frame first."
    timestamp: Optional[datetime] = None
    "When it happened, with a time zone."
    environment: Optional[list["FactInput"]] = None
    "Further facts about the environment."
    format: str = "auto"
    "Format of the report; `auto` detects it."
    id: Optional[str] = None
    "Id given by the sender."
    product: Optional[str] = None
    "Program that crashed."
    version: Optional[str] = None
    "Version of the program, as reported."
    site: Optional[str] = None
    "Installation or customer site."
    user: Optional[str] = None
    "Affected user, as reported."
    session: Optional[str] = None
    "Affected session, as reported."
    severity: Optional[str] = None
    "How bad it is."
    file_name: Optional[str] = Field(alias="fileName", default=None)
    "Name of the source file, without its folder."


class EventFilterInput(BaseModel):
    """A filter on past events; omitted fields match everything."""

    kinds: Optional[list[EventKind]] = None
    "Any of these kinds."
    about: Optional[str] = None
    "Has this subject, by its global id; an event names the first hundred of many."
    since: Optional[datetime] = None
    "Written at this time or later."
    until: Optional[datetime] = None
    "Written before this time."


class ExceptionInput(BaseModel):
    """An error as a program reports it."""

    type_: str = Field(alias="type")
    "Exception class or error name."
    message: str = ""
    "Error message."


class FactInput(BaseModel):
    """A name and its value."""

    name: str
    "The name."
    value: str
    "The value."


class FrameInput(BaseModel):
    """One frame of a stack."""

    function: str
    "Function, method or selector."
    module: str = ""
    "Module or class of the function."
    file: Optional[str] = None
    "Source file."
    line: Optional[int] = None
    "Line number in the source file."
    in_app: Optional[bool] = Field(alias="inApp", default=None)
    "Whether it is the application's own code."


class IgnorePatternInput(BaseModel):
    """A pattern to ignore."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    pattern: str
    "The pattern, by its key or global id."
    reason: Optional[str] = None
    "Reason, for the history."


class JobParamInput(BaseModel):
    """A parameter of a run."""

    name: str
    "Its name."
    value: str
    "Its value as text."


class MarkDifferentInput(BaseModel):
    """Two subjects that are different bugs."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    a: str
    "A pattern, signature or crash, by its key or global id; a crash means its signature."
    b: str
    "A pattern, signature or crash, by its key or global id; a crash means its signature."


class MarkNotCausedByInput(BaseModel):
    """Two patterns of which one does not cause the other."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    effect: str
    "The pattern, by its key or global id."
    cause: str
    "The pattern, by its key or global id."


class MarkSameInput(BaseModel):
    """Two subjects that are one bug."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    a: str
    "A pattern, signature or crash, by its key or global id; a crash means its signature."
    b: str
    "A pattern, signature or crash, by its key or global id; a crash means its signature."


class MergePatternsInput(BaseModel):
    """Patterns to merge into the first of them."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    patterns: list[str]
    "At least two patterns."


class MoveSignatureInput(BaseModel):
    """A signature, and the pattern that it belongs to."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    signature: str
    "A pattern, signature or crash, by its key or global id; a crash means its signature."
    pattern: str
    "The pattern, by its key or global id."


class PatternFilterInput(BaseModel):
    """A filter on patterns; omitted fields match everything."""

    statuses: Optional[list[PatternStatus]] = None
    "Any of these; merged patterns are not listed."
    severities: Optional[list[Severity]] = None
    "Any of these."
    product: Optional[str] = None
    "Has a crash of this product."
    site: Optional[str] = None
    "Has a crash at this site."
    version: Optional[str] = None
    "Has a crash in this version."
    error_type: Optional[str] = Field(alias="errorType", default=None)
    "Exception class or error name."
    since: Optional[datetime] = None
    "Last seen at this time or later."
    until: Optional[datetime] = None
    "First seen before this time."
    search: Optional[str] = None
    "Words, or parts of words, in the name."
    error_code: Optional[str] = Field(alias="errorCode", default=None)
    "Category of the taxonomy, such as `RES.NAME_ERROR`."
    family: Optional[str] = None
    "Family of the taxonomy, such as `RES`."


class ReopenPatternInput(BaseModel):
    """A pattern to reopen."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    pattern: str
    "The pattern, by its key or global id."
    reason: Optional[str] = None
    "Reason, for the history."


class RequestJobInput(BaseModel):
    """A run of a job."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    name: str
    "Name of the job."
    params: Optional[list["JobParamInput"]] = None
    "Parameters that differ from the defaults."


class ResolvePatternInput(BaseModel):
    """A pattern that is resolved."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    pattern: str
    "The pattern, by its key or global id."
    reason: Optional[str] = None
    "Reason, for the history."
    version: Optional[str] = None
    "First version with the fix; if omitted, any further crash reopens it."
    product: Optional[str] = None
    "Product of the version, if there are several."
    solution: Optional[str] = None
    "The solution that resolved it."


class SolutionInput(BaseModel):
    """A fix for a pattern."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    pattern: str
    "The pattern that it fixes."
    description: str
    "What to do to fix it."
    kind: Optional[SolutionKind] = None
    "What it changes."
    steps: Optional[str] = None
    "How to do it, or a diff."
    verified: bool = False
    "Whether the caller, a person, has checked that it works."
    scope: list[str] = Field(default_factory=lambda: [])
    "Environments it applies to, as `name=value` such as `os=Windows`; all if empty."


class SplitPatternInput(BaseModel):
    """Signatures to split off a pattern."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    pattern: str
    "The pattern, by its key or global id."
    signatures: list[str]
    "Some of its signatures, or crashes."
    name: Optional[str] = None
    "Name of the new pattern."


class SubmitCrashInput(BaseModel):
    """A crash to store: the raw report, or an exception with its frames."""

    report: Optional[str] = None
    "Raw text; secrets in it are redacted before storing."
    exception: Optional["ExceptionInput"] = None
    "The error, if there is no raw text."
    frames: Optional[list["FrameInput"]] = None
    "Its stack, innermost frame first."
    timestamp: Optional[datetime] = None
    "When it happened, with a time zone."
    environment: Optional[list["FactInput"]] = None
    "Further facts about the environment."
    format: str = "auto"
    "Format of the report; `auto` detects it."
    id: Optional[str] = None
    "Id given by the sender."
    product: Optional[str] = None
    "Program that crashed."
    version: Optional[str] = None
    "Version of the program, as reported."
    site: Optional[str] = None
    "Installation or customer site."
    user: Optional[str] = None
    "Affected user, as reported."
    session: Optional[str] = None
    "Affected session, as reported."
    severity: Optional[str] = None
    "How bad it is."
    file_name: Optional[str] = Field(alias="fileName", default=None)
    "Name of the source file, without its folder."
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    candidates: int = 0
    "Maximum number of candidate patterns per report, 0 to 50."


class SubmitCrashesInput(BaseModel):
    """Crashes to store together."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    crashes: list["CrashInput"]
    "The crashes, at most 1,000."
    candidates: int = 0
    "Maximum number of candidate patterns per report, 0 to 50."


class UndoVerdictInput(BaseModel):
    """A verdict to undo."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    reason: str = ""
    "Reason, for the history."
    verdict: str
    "The verdict, by its key or global id."


class UseInput(BaseModel):
    """One use of a solution, and its outcome."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    solution: str
    "The solution."
    pattern: str
    "The pattern that it was used for."
    worked: bool
    "Whether it worked."
    environment: Optional[str] = None
    "Environment where it was used."
    site: Optional[str] = None
    "Site where it was used, if no environment is given."
    product: Optional[str] = None
    "Product, if the site has several."
    version: Optional[str] = None
    "Version that the solution shipped with."
    confidence: Optional[float] = None
    "Confidence before the use that it would work, 0..1."
    minutes: Optional[float] = None
    "Duration of the use, in minutes."
    feedback: Optional[Feedback] = None
    "How the user judged it."
    at: Optional[datetime] = None
    "When it was used, with a time zone; now if omitted."


class ValidationInput(BaseModel):
    """A person's review of a crash, and what it teaches about its pattern."""

    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf", default=None)
    "Person that the caller acts for; recorded beside the caller, grants nothing."
    crash: str
    "The crash that was reviewed."
    is_correct: bool = Field(alias="isCorrect", default=True)
    "Whether the crash belongs to its pattern."
    belongs_to: Optional[str] = Field(alias="belongsTo", default=None)
    "The right pattern instead; all crashes with the same signature move there at once."
    notes: Optional[str] = None
    "Notes, redacted."
    root_cause: Optional[str] = Field(alias="rootCause", default=None)
    "Why it happens, as found by people."
    name: Optional[str] = None
    "New name of the pattern."
    description: Optional[str] = None
    "What happens, as described by people."
    severity: Optional[Severity] = None
    "How bad it is."
    downtime_minutes: Optional[float] = Field(alias="downtimeMinutes", default=None)
    "Business impact: minutes of downtime."
    affected_features: Optional[list[str]] = Field(alias="affectedFeatures", default=None)
    "Business impact: features that did not work."
    resolution_minutes: Optional[float] = Field(alias="resolutionMinutes", default=None)
    "Minutes to resolution."
    quality: Optional[float] = None
    "Quality of the validation, 0..1; computed from its content if omitted."


CrashInput.model_rebuild()
RequestJobInput.model_rebuild()
SubmitCrashInput.model_rebuild()
SubmitCrashesInput.model_rebuild()
