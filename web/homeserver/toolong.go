package homeserver

import "net/http"

// TooLongForm names one of the ways in which an over-long delay has been refused (MSC4140 and Synapse changed it seven times).
type TooLongForm string

const (
	// TooLongDelay is the merged MSC (2026-08, Synapse pull request 20156): a code of its own again, the limit in the capability only.
	TooLongDelay TooLongForm = "delay-too-large"
	// TooLongDelayPrefixed is the unstable form of that: Synapse from 1.161 on.
	TooLongDelayPrefixed TooLongForm = "delay-too-large-prefixed"
	// TooLongForbidden is Synapse from 1.157 to 1.160: the limit stands in prose and in the capability only.
	TooLongForbidden TooLongForm = "forbidden"
	// TooLongInvalidParam is the MSC of 2026-05-29: the limit stands in the capability only.
	TooLongInvalidParam TooLongForm = "invalid-param"
	// TooLongPrefixed is the MSC's unstable form of 2026-02.
	TooLongPrefixed TooLongForm = "prefixed"
	// TooLongUnstable is Synapse up to 1.156, which hides the code behind M_UNKNOWN. js-sdk looks for this one alone.
	TooLongUnstable TooLongForm = "unstable"
	// TooLongMaxDelay is the MSC from the end of July 2024 on.
	TooLongMaxDelay TooLongForm = "max-delay"
	// TooLongFutureMaxDelay is the MSC of 2024-07-24.
	TooLongFutureMaxDelay TooLongForm = "future-max-delay"
)

const (
	textTooLong      = "The requested delay exceeds the allowed maximum."
	textTooLongProse = "The requested delay (%dms) exceeds the allowed maximum (%dms)"
)

var tooLongForms = map[TooLongForm]form{
	TooLongDelay:          {http.StatusBadRequest, "M_DELAY_TOO_LARGE", "", "", textTooLongProse},
	TooLongDelayPrefixed:  {http.StatusBadRequest, "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE", "", "", textTooLongProse},
	TooLongForbidden:      {http.StatusForbidden, codeForbidden, "", "", textTooLongProse},
	TooLongInvalidParam:   {http.StatusBadRequest, codeInvalidParam, "", "", textTooLong},
	TooLongPrefixed:       {http.StatusBadRequest, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", "", fieldMaxDelay, textTooLong},
	TooLongUnstable:       {http.StatusBadRequest, codeUnknown, "M_MAX_DELAY_EXCEEDED", fieldMaxDelay, textTooLong},
	TooLongMaxDelay:       {http.StatusBadRequest, "M_MAX_DELAY_EXCEEDED", "", "max_delay", textTooLong},
	TooLongFutureMaxDelay: {http.StatusBadRequest, "M_FUTURE_MAX_DELAY_EXCEEDED", "", "max_delay", textTooLong},
}
