package session

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
)

// MaxWaiting is how many requests may wait for a place in flight or for the
// negotiation; one more is refused as busy.
const MaxWaiting = 8192

// Requests whose deadline passed or that were given up, and whose late answer
// still matters, are remembered up to this many and this long (design §5.2).
const (
	maxLate  = 256
	lateLife = 10 * 60 * 1000
	// maxAnswered is how many of the same kind are remembered after their
	// answer: leaked transports carry a request out more than once, and each
	// time schedules a future (matrix-widget-api up to 1.16).
	maxAnswered = 64
)

// In flight at most: many for hosts that do not care, few for Rust hosts, which
// drop what is beyond 15 without a word (wire.md §4.3).
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

// flight is a request that was posted.
type flight struct {
	Request
	serial int32 // 0: a free place
	due    float64
	posted Now
}

// table holds the requests in flight. A serial finds its place by its low
// bits, so a look-up costs an index and nothing is allocated once it has grown.
type table struct {
	places []flight
	used   int
	last   int32
	late   []flight // given up, answer still wanted; oldest first

	answered [maxAnswered]flight // answered, but another answer matters; a ring
	turn     int
}

func (t *table) find(serial int32) *flight {
	if serial <= 0 || len(t.places) == 0 {
		return nil
	}
	f := &t.places[int(serial)&(len(t.places)-1)]
	if f.serial != serial {
		return nil
	}
	return f
}

// add takes the next serial whose place is free.
func (t *table) add(r *Request) *flight {
	if 2*t.used >= len(t.places) {
		old := t.places
		t.places = make([]flight, max(16, 2*len(old)))
		for _, f := range old {
			if f.serial != 0 {
				t.places[int(f.serial)&(len(t.places)-1)] = f
			}
		}
	}
	for {
		if t.last == math.MaxInt32 {
			t.last = 0
		}
		t.last++
		if f := &t.places[int(t.last)&(len(t.places)-1)]; f.serial == 0 {
			fields := append(f.Fields[:0], r.Fields...)
			f.Request = *r
			f.Fields = fields
			f.serial = t.last
			t.used++
			return f
		}
	}
}

func (t *table) free(f *flight) {
	f.serial = 0
	t.used--
}

// keepAnswered remembers a request that was answered. Its place in the ring is
// used again, so that nothing is allocated once the ring is full.
func (t *table) keepAnswered(f *flight, now Now) {
	place := &t.answered[t.turn]
	t.turn = (t.turn + 1) % maxAnswered
	fields := append(place.Fields[:0], f.Fields...)
	*place = *f
	place.Fields = fields
	place.due = now.Mono + lateLife
}

// findAnswered returns a request that was answered before.
func (t *table) findAnswered(serial int32, now Now) *flight {
	for i := range t.answered {
		if f := &t.answered[i]; f.serial == serial && f.due > now.Mono {
			return f
		}
	}
	return nil
}

// keepLate remembers a request that was given up.
func (t *table) keepLate(f *flight, now Now) {
	t.dropOld(now)
	if len(t.late) == maxLate {
		t.late = append(t.late[:0], t.late[1:]...)
	}
	c := *f
	c.Fields = append([]protocol.Field(nil), f.Fields...)
	c.due = now.Mono + lateLife
	t.late = append(t.late, c)
}

func (t *table) dropOld(now Now) {
	n := 0
	for n < len(t.late) && t.late[n].due <= now.Mono {
		n++
	}
	if n > 0 {
		t.late = append(t.late[:0], t.late[n:]...)
	}
}

// takeLate returns the remembered request and forgets it.
func (t *table) takeLate(serial int32, now Now) (flight, bool) {
	t.dropOld(now)
	for i := range t.late {
		if t.late[i].serial == serial {
			f := t.late[i]
			t.late = append(t.late[:i], t.late[i+1:]...)
			return f, true
		}
	}
	return flight{}, false
}

// answer makes the end of a flight.
func (f *flight) answer() Answer {
	return Answer{Request: f.Request, Serial: f.serial, Posted: f.posted}
}
