package homeserver

import (
	"fmt"
	"net/http"
	"slices"
)

// TooLongForm names one of the ways in which an over-long delay has been refused (MSC4140 and Synapse changed it six times).
type TooLongForm string

const (
	// TooLongForbidden is Synapse since 1.157: the limit stands in prose and in the capability only.
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
	fieldErrcode  = "org.matrix.msc4140.errcode"
	fieldMaxDelay = "org.matrix.msc4140.max_delay"
)

// tooLong has each form's status, code and the members it adds; a limit that is not in a member is told in prose or not at all.
var tooLong = map[TooLongForm]struct {
	status   int
	code     string
	errcode  string // in fieldErrcode
	maxDelay string // the member with the limit
	prose    string // of the requested and the longest delay
}{
	TooLongForbidden:      {http.StatusForbidden, codeForbidden, "", "", "The requested delay (%dms) exceeds the allowed maximum (%dms)"},
	TooLongInvalidParam:   {http.StatusBadRequest, codeInvalidParam, "", "", ""},
	TooLongPrefixed:       {http.StatusBadRequest, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", "", fieldMaxDelay, ""},
	TooLongUnstable:       {http.StatusBadRequest, codeUnknown, "M_MAX_DELAY_EXCEEDED", fieldMaxDelay, ""},
	TooLongMaxDelay:       {http.StatusBadRequest, "M_MAX_DELAY_EXCEEDED", "", "max_delay", ""},
	TooLongFutureMaxDelay: {http.StatusBadRequest, "M_FUTURE_MAX_DELAY_EXCEEDED", "", "max_delay", ""},
}

func tooLongForms() []TooLongForm {
	var forms []TooLongForm
	for form := range tooLong {
		forms = append(forms, form)
	}
	slices.Sort(forms)
	return forms
}

// refuse makes the error for a delay of so many milliseconds above the limit.
func (f TooLongForm) refuse(delayMs, most int64) error {
	form := tooLong[f]
	e := &matrixError{status: form.status, code: form.code, text: "The requested delay exceeds the allowed maximum.", members: map[string]any{}}
	if form.prose != "" {
		e.text = fmt.Sprintf(form.prose, delayMs, most)
	}
	if form.errcode != "" {
		e.members[fieldErrcode] = form.errcode
	}
	if form.maxDelay != "" {
		e.members[form.maxDelay] = most
	}
	return e
}
