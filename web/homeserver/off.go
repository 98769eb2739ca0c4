package homeserver

import "net/http"

// OffForm names one of the ways in which a server refuses to schedule anything (Options.NoDelayedEvents).
type OffForm string

const (
	// OffForbidden is Synapse since 1.157 and the merged MSC. It shares its code with "too long" and "no power".
	OffForbidden OffForm = "forbidden"
	// OffUnknown is the MSC of 2026-06-07.
	OffUnknown OffForm = "unknown"
	// OffUnstable is Synapse up to 1.156, which hides the code behind M_UNKNOWN.
	OffUnstable OffForm = "unstable"
)

const textOff = "Delayed events are not supported on this server"

var offForms = map[OffForm]form{
	OffForbidden: {status: http.StatusForbidden, code: codeForbidden, text: "Sending delayed events has been disallowed"},
	OffUnknown:   {status: http.StatusBadRequest, code: codeUnknown, text: textOff},
	OffUnstable:  {status: http.StatusBadRequest, code: codeUnknown, errcode: "M_MAX_DELAY_UNSUPPORTED", text: textOff},
}
