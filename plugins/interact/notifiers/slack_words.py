"""What Slack's own error codes mean for a delivery, and what to do about them.

They stand at docs.slack.dev, under chat.postMessage and under incoming webhooks.
"""

from __future__ import annotations

from interact.notices.sending import Answer, Outcome
from interact.notifiers.answering import wait_of
from interact.notifiers.posting import Reply

_LATER = frozenset(
    {
        "accesslimited",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "rollup_error",
        "service_unavailable",
        "team_added_to_org",
    }
)
# Slack says of these two that some of it may have succeeded.
_PERHAPS = frozenset({"fatal_error", "internal_error"})
_SHUT_OUT = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "invalid_token",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
_ADVICE = {
    "action_prohibited": "An admin of the workspace does not allow it: ask one.",
    "as_user_not_supported": "Put a bot token into the connection.",
    "channel_is_archived": "The room is archived: name another one.",
    "channel_not_found": "There is no such room, or it is private: invite the app to it, or name another one.",
    "is_archived": "The room is archived: name another one.",
    "no_service": "Its webhook was taken away or switched off: make a new one, and put it into the connection.",
    "no_service_id": "Its webhook is not whole: copy it into the connection again.",
    "no_team": "Its webhook names no workspace: copy it into the connection again.",
    "not_in_channel": "Invite the app to the room with /invite, or name another one.",
    "posting_to_general_channel_denied": "Not everybody may write to that room: ask an admin, or name another one.",
    "restricted_action": "An admin of the workspace does not allow it: ask one, or name another room.",
    "user_not_found": "There is no such person: name another recipient.",
}


def answer_to_code(code: str, reply: Reply) -> Answer | None:
    """Return what one of Slack's codes means; None for one that is not known here."""
    told = f"Slack answered {code!r}."
    if code in _PERHAPS:
        return Answer(Outcome.UNKNOWN, f"{told} It may have arrived: look there before you send it again.")
    if code in _LATER:
        return Answer(Outcome.NOT_NOW, f"{told} It is tried again.", retry_after_seconds=wait_of(reply))
    if code in _SHUT_OUT:
        advice = "Put a new webhook, or the token of a bot that has `chat:write`, into the connection."
        return Answer(Outcome.NOT_NOW, f"{told} {advice}", is_away=True)
    advice = _ADVICE.get(code, "")
    return Answer(Outcome.REFUSED, f"{told} {advice}") if advice else None
