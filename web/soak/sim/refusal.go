package sim

import (
	"fmt"
	"strconv"
)

// refusal is a homeserver's answer that is no success.
type refusal struct {
	status   int // 0: no answer could be had
	errcode  string
	unstable string // org.matrix.msc4140.errcode
	text     string
	// How long to wait: the body's milliseconds, the header's seconds.
	retryAfterMs, retryAfter float64
	maxDelay, unstableMax    float64
	soft                     bool // it says how to do better
	full                     bool // it is about futures only
}

func (r *refusal) String() string {
	if r.status == 0 {
		return "no answer"
	}
	s := strconv.Itoa(r.status)
	if r.errcode != "" {
		s += " " + r.errcode
	}
	if r.unstable != "" {
		s += " (" + r.unstable + ")"
	}
	return s
}

// waitMs is how long the refusal tells to wait, as far as the reader sees its
// headers; 0 when it tells nothing.
func (r *refusal) waitMs(headers bool) float64 {
	if headers && r.retryAfter > 0 {
		return r.retryAfter * 1000
	}
	return r.retryAfterMs
}

// gone reports whether the refusal of a verb means that the future is gone.
func (r *refusal) gone() bool {
	switch r.status {
	case 409, 410:
		return true
	case 404:
		return r.errcode != "" && r.errcode != "M_UNRECOGNIZED"
	}
	return false
}

// open reports whether the refusal leaves open whether the request took effect:
// a server that fails may have done so after it had done its work.
func (r *refusal) open() bool { return r.status == 0 || r.status >= 500 }

// passing reports whether the refusal is one that ends nothing unless it stays:
// a login that is being renewed, a server's part that is not there yet.
func (r *refusal) passing() bool {
	return r.status == 401 || (r.status == 404 || r.status == 405) && r.errcode == "M_UNRECOGNIZED"
}

// final reports whether the refusal may end a keepAlive or a hold for good:
// what is refused for ever, or cannot be done.
func (r *refusal) final() bool {
	return r.status == 401 || r.status == 403 || r.errcode == "M_UNRECOGNIZED" ||
		r.status >= 400 && r.status < 500 && r.status != 429 && r.status != 408 && !r.gone()
}

// Refusal numbers a row of refusals.
type Refusal int

const (
	withHeader Refusal = iota
	withMs
	withNeither
	serverError
	badGateway
	unavailable
	unknownEndpoint
	noMatrix404
	noLogin
	noPower
	conflict
	notThere
	noBody
	refusalCount
)

var refusals = [refusalCount]refusal{
	withHeader:      {status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too Many Requests", retryAfter: 3, retryAfterMs: 2500},
	withMs:          {status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too Many Requests", retryAfterMs: 1800},
	withNeither:     {status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too Many Requests"},
	serverError:     {status: 500, errcode: "M_UNKNOWN", text: "Internal server error"},
	badGateway:      {status: 502, text: "Bad gateway"},
	unavailable:     {status: 503, errcode: "M_UNKNOWN", text: "Service unavailable"},
	unknownEndpoint: {status: 404, errcode: "M_UNRECOGNIZED", text: "Unrecognized request"},
	noMatrix404:     {status: 404, text: "Not found"},
	noLogin:         {status: 401, errcode: "M_UNKNOWN_TOKEN", text: "Unrecognised access token"},
	noPower:         {status: 403, errcode: "M_FORBIDDEN", text: "You cannot do that"},
	conflict:        {status: 409, errcode: "M_UNKNOWN", text: "The delayed event is being sent"},
	notThere:        {status: 404, errcode: "M_NOT_FOUND", text: "Delayed event not found"},
	noBody:          {},
}

func (r Refusal) String() string { return refusals[r].String() }

var (
	notFound   = &refusal{status: 404, errcode: "M_NOT_FOUND", text: "Delayed event not found"}
	spentToken = &refusal{status: 410, errcode: "M_NOT_FOUND", text: "The future token is unknown or was used up"}
	finished   = &refusal{status: 409, errcode: "M_UNKNOWN", text: "The delayed event has been finalised"}
	unroutable = &refusals[unknownEndpoint]
)

// limitForms are the ways in which homeservers said that a delay is too long
// (wire.md §2.3), oldest first.
var limitForms = []struct {
	name string
	make func(asked, most float64) *refusal
	told bool // the limit is in a member
	hint bool // it is in the prose
}{
	{"M_FUTURE_MAX_TIMEOUT_EXCEEDED", func(_, most float64) *refusal {
		return &refusal{status: 400, errcode: "M_FUTURE_MAX_TIMEOUT_EXCEEDED", text: fmt.Sprintf("future_timeout is above the maximum of %.0f ms", most)}
	}, false, true},
	{"M_FUTURE_MAX_DELAY_EXCEEDED", func(_, most float64) *refusal {
		return &refusal{status: 400, errcode: "M_FUTURE_MAX_DELAY_EXCEEDED", text: "The delay is too long", maxDelay: most}
	}, true, false},
	{"M_MAX_DELAY_EXCEEDED", func(_, most float64) *refusal {
		return &refusal{status: 400, errcode: "M_MAX_DELAY_EXCEEDED", text: "The delay is too long", maxDelay: most}
	}, true, false},
	{"M_UNKNOWN + unstable", func(_, most float64) *refusal {
		return &refusal{status: 400, errcode: "M_UNKNOWN", unstable: "M_MAX_DELAY_EXCEEDED", text: "The delay is too long", unstableMax: most}
	}, true, false},
	{"prefixed errcode", func(_, most float64) *refusal {
		return &refusal{status: 400, errcode: "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", text: "The delay is too long", unstableMax: most}
	}, true, false},
	{"M_INVALID_PARAM", func(asked, most float64) *refusal {
		return &refusal{status: 400, errcode: "M_INVALID_PARAM", text: fmt.Sprintf("The requested delay (%.0fms) exceeds the allowed maximum (%.0fms)", asked, most)}
	}, false, true},
	{"M_FORBIDDEN with numbers", func(asked, most float64) *refusal {
		return &refusal{status: 403, errcode: "M_FORBIDDEN", text: fmt.Sprintf("The requested delay (%.0fms) exceeds the allowed maximum (%.0fms)", asked, most)}
	}, false, true},
	{"M_FORBIDDEN", func(_, _ float64) *refusal {
		return &refusal{status: 403, errcode: "M_FORBIDDEN", text: "The requested delay exceeds the allowed maximum"}
	}, false, false},
}

// full says that the user has as many futures as may be; the header names when
// the next of them goes out (the merged MSC4140).
func full(waitMs float64) *refusal {
	return &refusal{
		status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too many delayed events", retryAfter: waitMs / 1000, full: true,
	}
}

var futuresOff = &refusal{status: 403, errcode: "M_FORBIDDEN", text: "Sending delayed events has been disallowed"}
