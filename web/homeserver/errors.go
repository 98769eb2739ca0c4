package homeserver

import (
	"net/http"
	"time"
)

// Error codes of the client-server API. Those of the futures drafts stand in futures.go.
const (
	codeForbidden     = "M_FORBIDDEN"
	codeUnknownToken  = "M_UNKNOWN_TOKEN"
	codeMissingToken  = "M_MISSING_TOKEN"
	codeBadJSON       = "M_BAD_JSON"
	codeNotJSON       = "M_NOT_JSON"
	codeNotFound      = "M_NOT_FOUND"
	codeLimitExceeded = "M_LIMIT_EXCEEDED"
	codeUnrecognized  = "M_UNRECOGNIZED"
	codeUnknown       = "M_UNKNOWN"
	codeMissingParam  = "M_MISSING_PARAM"
	codeInvalidParam  = "M_INVALID_PARAM"
	codeTooLarge      = "M_TOO_LARGE"
	codeUserInUse     = "M_USER_IN_USE"
	codeInvalidName   = "M_INVALID_USERNAME"
)

// matrixError is an error in the form every endpoint answers it.
type matrixError struct {
	status     int
	code       string
	text       string
	retryAfter time.Duration  // > 0 only with M_LIMIT_EXCEEDED
	members    map[string]any // beside errcode and error
}

func (e *matrixError) Error() string { return e.code + ": " + e.text }

var (
	errUnrecognized = &matrixError{status: http.StatusNotFound, code: codeUnrecognized, text: "Unrecognized request"}
	errWrongMethod  = &matrixError{status: http.StatusMethodNotAllowed, code: codeUnrecognized, text: "Unrecognized request"}
	errUnknownToken = &matrixError{
		status: http.StatusUnauthorized, code: codeUnknownToken, text: "Invalid access token passed.", members: map[string]any{"soft_logout": false},
	}
	errNotJSON       = &matrixError{status: http.StatusBadRequest, code: codeNotJSON, text: "Content not JSON."}
	errNotObject     = &matrixError{status: http.StatusBadRequest, code: codeBadJSON, text: "Content must be a JSON object."}
	errStateNotFound = &matrixError{status: http.StatusNotFound, code: codeNotFound, text: "Event not found."}
	errClosed        = &matrixError{status: http.StatusServiceUnavailable, code: codeUnknown, text: "The homeserver is closed."}
)

func badRequest(code, text string) error {
	return &matrixError{status: http.StatusBadRequest, code: code, text: text}
}

func noToken(text string) error {
	return &matrixError{status: http.StatusUnauthorized, code: codeMissingToken, text: text}
}

func notFound(code, text string) error {
	return &matrixError{status: http.StatusNotFound, code: code, text: text}
}

func forbidden(text string) error {
	return &matrixError{status: http.StatusForbidden, code: codeForbidden, text: text}
}

func limited(text string, wait time.Duration) error {
	return &matrixError{status: http.StatusTooManyRequests, code: codeLimitExceeded, text: text, retryAfter: max(wait, time.Millisecond)}
}
