package session

import "github.com/widget-futures/widget-futures/protocol"

// MaxWaiting is how many requests may wait for a place in flight or for the
// negotiation; one more is refused as busy.
const MaxWaiting = 8192

// In flight at most: many for hosts that do not care, few for Rust hosts, which
// drop what is beyond 15 without a word (wire.md §4.3). A request that was given
// up counts as long as the host may still be at it.
const (
	inFlightMany = 1000
	inFlightFew  = 12
	// moreUrgent is how many urgent ones may go beside them: 15 with the few.
	moreUrgent = 3
)

// Kind says who reads the answer to a request. The session's own kinds are
// negative; the owner's are its own.
type Kind int32

const (
	kindVersions Kind = -1 - iota
	kindContentLoaded
	kindRenegotiate
)

// Note is what the owner wants back with the answer.
type Note struct {
	Num  float64
	A, B int32
}

// Request is a fromWidget request.
type Request struct {
	Kind       Kind
	Call       int32 // the page's call, 0 if none
	Action     protocol.Value
	Fields     []protocol.Field // its data
	DeadlineMs float64          // 0: the session's
	Note       Note
	Late       bool // an answer after the deadline still matters
	Repeats    bool // a second answer matters too
	Urgent     bool // goes before those that wait: a keeper's, and few
	Last       bool // the page may be gone when this input ends: it waits for no place
	Eager      bool // needs no negotiation, only a host that can be posted to
}

// Answer is the end of a request: the host's message, or the reason why there
// is none. Fields of both are valid until the next input.
type Answer struct {
	Request
	Message []protocol.Field // nil when there is no answer
	Err     *protocol.Error  // a refusal, or why there is no message
	Serial  int32            // 0: never posted
	Posted  Now
	IsLate  bool // the call was settled before
	Again   bool // by an answer to this very request
}
