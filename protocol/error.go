package protocol

import "math"

// Code is the stable word by which a page tells errors apart.
type Code int32

const (
	// NoCode is no error.
	NoCode Code = iota
	// CodeMatrix: the host or homeserver relayed a Matrix error.
	CodeMatrix
	// CodeHost: the host refused without detail. Never decide by its text.
	CodeHost
	// CodeCapability: known not approved; nothing was posted.
	CodeCapability
	// CodeUnsupported: host or dialect cannot do it; nothing was posted.
	CodeUnsupported
	// CodeSentImmediately: the host ignored the timeout, the event is out.
	CodeSentImmediately
	// CodeSpent: a verb on a future that is gone.
	CodeSpent
	// CodeTimeout: no answer in time.
	CodeTimeout
	// CodeInvalid: a bad argument; nothing was posted.
	CodeInvalid
	// CodeBusy: too many calls wait.
	CodeBusy
	// CodeBadResponse: the answer cannot be trusted.
	CodeBadResponse
	// CodeNotEmbedded: there is no host.
	CodeNotEmbedded
	// CodeLoad: the wasm could not start.
	CodeLoad
	// CodeVersion: shim and wasm are of different versions.
	CodeVersion
	// CodeClosed: the client was closed.
	CodeClosed
	// CodeInternal: a bug.
	CodeInternal

	codeCount
)

var codes = [codeCount]string{
	CodeMatrix: "matrix", CodeHost: "host", CodeCapability: "capability",
	CodeUnsupported: "unsupported", CodeSentImmediately: "sent_immediately",
	CodeSpent: "spent", CodeTimeout: "timeout", CodeInvalid: "invalid",
	CodeBusy: "busy", CodeBadResponse: "bad_response",
	CodeNotEmbedded: "not_embedded", CodeLoad: "load", CodeVersion: "version",
	CodeClosed: "closed", CodeInternal: "internal",
}

// Codes lists the codes in the order of their numbers; row 0 is empty.
func Codes() []string { return codes[:] }

// String returns the code's word.
func (c Code) String() string { return codes[c] }

// Error is what a call that failed is settled with.
type Error struct {
	Code    Code
	Message string // the host's own message passes through unchanged
	Hint    string // what to do about it
	Action  string // the Widget API action of the call, if it had one
	Serial  int32  // number of the request, 0 if none was made

	Errcode      string // Matrix errcode
	HTTPStatus   int
	RetryAfterMs float64 // 0: not told
	MaxDelayMs   float64 // 0: not told
	Body         Value   // the Matrix error itself, forwarded
	Prose        string  // what the homeserver said; the page has it in Body

	Missing         []string // CodeCapability
	EventID, RoomID Value    // CodeSentImmediately
	DeadlineMs      float64  // CodeTimeout
}

// Error makes it a Go error.
func (e *Error) Error() string { return codes[e.Code] + ": " + e.Message }

// NewError makes an error of a code and a sentence.
func NewError(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Invalid names the field that is wrong and why.
func Invalid(field Path, why string) *Error {
	return &Error{Code: CodeInvalid, Message: field.String() + ": " + why}
}

// Unsupported says what cannot be done.
func Unsupported(message string) *Error {
	return &Error{Code: CodeUnsupported, Message: message}
}

// BadResponse names the field of the answer that cannot be trusted.
func BadResponse(field Path, why string) *Error {
	return &Error{Code: CodeBadResponse, Message: field.String() + ": " + why}
}

// AppendError appends the members of e as the page sees them.
func AppendError(dst []Field, e *Error) []Field {
	dst = AppendNum(dst, ErrorCode, float64(e.Code))
	dst = AppendText(dst, Message, e.Message)
	dst = AppendText(dst, Hint, e.Hint)
	dst = AppendText(dst, ActionName, e.Action)
	if e.Serial != 0 {
		dst = append(dst, Field{RequestID, Value{Kind: Serial, ID: e.Serial}})
	}
	dst = AppendText(dst, Errcode, e.Errcode)
	dst = AppendNum(dst, HTTPStatus, float64(e.HTTPStatus))
	dst = AppendNum(dst, RetryAfterMs, e.RetryAfterMs)
	dst = AppendNum(dst, MaxDelayMs, e.MaxDelayMs)
	dst = Append(dst, Body, &e.Body)
	if e.Missing != nil {
		dst = AppendTexts(dst, Missing, e.Missing)
	}
	dst = Append(dst, EventID, &e.EventID)
	dst = Append(dst, RoomID, &e.RoomID)
	return AppendNum(dst, DeadlineMs, e.DeadlineMs)
}

// positive returns n when it is a finite number above zero, else 0.
func positive(v Value) float64 {
	if v.Kind != Number || !(v.Num > 0) || math.IsInf(v.Num, 0) {
		return 0
	}
	return v.Num
}

// RefusalOf decodes an answer that is a refusal; nil when it is none. An answer
// is a refusal iff its error is an object with a string message
// (matrix-widget-api isErrorResponse).
func RefusalOf(answer []Field) *Error {
	message := Get(answer, RespErrorMessage)
	if message.Kind != Text && message.Kind != Kept {
		return nil
	}
	e := &Error{Code: CodeHost, Message: message.Str}
	if Get(answer, RespMatrix).Kind != Opaque {
		return e
	}
	if status := positive(Get(answer, RespMatrixStatus)); status < 1000 {
		e.HTTPStatus = int(status)
	}
	e.Errcode = Get(answer, RespMatrixErrcode).Str
	// Synapse up to 1.156 hides the real code behind M_UNKNOWN.
	if code := Get(answer, RespMatrixUnstableErrcode).Str; code != "" {
		e.Errcode = code
	}
	if e.Errcode == "" && e.HTTPStatus == 0 {
		return e
	}
	e.Code = CodeMatrix
	e.Body = Get(answer, RespMatrixBody)
	e.Prose = Get(answer, RespMatrixProse).Str
	e.RetryAfterMs = retryAfter(Get(answer, RespMatrixRetryAfter).Str)
	if e.RetryAfterMs == 0 {
		e.RetryAfterMs = positive(Get(answer, RespMatrixRetryAfterMs))
	}
	e.MaxDelayMs = positive(Get(answer, RespMatrixUnstableMaxDelay))
	if e.MaxDelayMs == 0 {
		e.MaxDelayMs = positive(Get(answer, RespMatrixMaxDelay))
	}
	return e
}

// HTTPRefusal makes the error of a homeserver's answer that is no success.
func HTTPRefusal(status int, body []Field) *Error {
	e := &Error{
		Code: CodeMatrix, HTTPStatus: status,
		Errcode:      Get(body, HTTPErrcode).Str,
		Message:      Get(body, HTTPError).Str,
		RetryAfterMs: positive(Get(body, HTTPRetryAfterMs)),
		Body:         Get(body, HTTPBody),
	}
	if e.Message == "" {
		e.Message = "the homeserver refused the request"
	}
	return e
}

// retryAfter reads the seconds form of a Retry-After header as milliseconds.
// The date form is not read: a host relays what a homeserver sent, and
// homeservers send seconds.
func retryAfter(seconds string) float64 {
	n := 0.0
	for _, c := range seconds {
		if c < '0' || c > '9' || n > 1e6 {
			return 0
		}
		n = n*10 + float64(c-'0')
	}
	return n * 1000
}

// Spent reports whether a verb's refusal says that the future is gone. 404 and
// 405 with M_UNRECOGNIZED mean an unknown endpoint; a 404 that names no errcode
// is no Matrix answer at all (a wrong base URL).
func (e *Error) Spent() bool {
	if e.Code != CodeMatrix {
		return false
	}
	switch e.HTTPStatus {
	case 409, 410:
		return true
	case 404:
		return e.Errcode != "" && !e.Unrecognized()
	}
	return false
}

// Limited reports whether the server asks to come back later: too many requests,
// or too many events scheduled (every form of the latter since July 2024).
func (e *Error) Limited() bool {
	switch e.Errcode {
	case "M_LIMIT_EXCEEDED", "M_USER_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED", "M_MAX_DELAYED_EVENTS_EXCEEDED":
		return e.Code == CodeMatrix
	}
	return false
}

// MaybeTooLong reports whether a refusal to schedule may mean that the delay is
// above the server's limit. The forms changed six times (wire.md §2.3), and the
// present one, 403 M_FORBIDDEN, also means "off" and "no power".
func (e *Error) MaybeTooLong() bool {
	if e.Code != CodeMatrix || e.Limited() {
		return false
	}
	switch e.Errcode {
	case "M_MAX_DELAY_EXCEEDED", "M_FUTURE_MAX_DELAY_EXCEEDED", "M_FUTURE_MAX_TIMEOUT_EXCEEDED",
		"ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", "M_DELAY_TOO_LARGE", "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE":
		return true
	case "M_FORBIDDEN":
		return e.HTTPStatus == 403 || e.HTTPStatus == 0
	case "", "M_UNKNOWN", "M_INVALID_PARAM":
		return e.HTTPStatus == 400
	}
	return false
}

// Unrecognized reports whether the server does not know the endpoint.
func (e *Error) Unrecognized() bool {
	return e.Code == CodeMatrix && e.Errcode == "M_UNRECOGNIZED" &&
		(e.HTTPStatus == 404 || e.HTTPStatus == 405)
}
