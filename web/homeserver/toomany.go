package homeserver

import (
	"net/http"
	"time"
)

// TooManyForm names one of the ways in which an event is refused to a user who has as many scheduled as allowed.
type TooManyForm string

const (
	// TooManyLimit is Synapse since 1.157 and the merged MSC: a 429 that says when the next event will have been sent.
	TooManyLimit TooManyForm = "limit-exceeded"
	// TooManyUserLimit is the MSC for some days of 2026-02.
	TooManyUserLimit TooManyForm = "user-limit-exceeded"
	// TooManyResourceLimit is the MSC of 2026-01.
	TooManyResourceLimit TooManyForm = "resource-limit-exceeded"
	// TooManyUnstable is the unstable form of the MSC's code of 2024, hidden behind M_UNKNOWN.
	TooManyUnstable TooManyForm = "unstable"
	// TooManyMaxDelayed is the MSC from 2024-07-24 on.
	TooManyMaxDelayed TooManyForm = "max-delayed-events"
)

const textTooMany = "The maximum number of delayed events has been reached."

var tooManyForms = map[TooManyForm]form{
	TooManyLimit:         {status: http.StatusTooManyRequests, code: codeLimitExceeded, text: textTooMany},
	TooManyUserLimit:     {status: http.StatusForbidden, code: "M_USER_LIMIT_EXCEEDED", text: textTooMany},
	TooManyResourceLimit: {status: http.StatusForbidden, code: "M_RESOURCE_LIMIT_EXCEEDED", text: textTooMany},
	TooManyUnstable:      {status: http.StatusBadRequest, code: codeUnknown, errcode: "M_MAX_DELAYED_EVENTS_EXCEEDED", text: textTooMany},
	TooManyMaxDelayed:    {status: http.StatusBadRequest, code: "M_MAX_DELAYED_EVENTS_EXCEEDED", text: textTooMany},
}

// refuse tells when there will be room where the form is one that a client is meant to wait for.
func (f TooManyForm) refuse(wait time.Duration) error {
	e := tooManyForms[f].refuse(0, 0)
	if e.status == http.StatusTooManyRequests {
		e.retryAfter = max(wait, time.Millisecond)
	}
	return e
}
