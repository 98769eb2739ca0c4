package session

import "math"

// Requests that were given up, and whose late answer still matters, are
// remembered up to this many and this long (design §5.2).
const (
	maxLate  = 256
	lateLife = 10 * 60 * 1000
	// maxAnswered is how many of the same kind are remembered after their
	// answer: leaked transports carry a request out more than once, and each
	// time schedules a future (matrix-widget-api up to 1.16).
	maxAnswered = 64
)

// hostLife is how long a request has a place at a Rust host, which neither
// answers it after that nor hears of it when the page gives it up (wire.md §4.3).
const hostLife = 10_000

// flight is a request that was posted.
type flight struct {
	Request
	serial int32 // 0: a free place
	due    float64
	posted Now
	// given: it was settled, or nobody wants it any more. Until it is due it
	// keeps its place, as it does at the host.
	given   bool
	givenAt float64
	// forgotten: the host's time for it is over, and it counts no more. It may
	// still be answered by a host that takes longer.
	forgotten bool
}

// table holds the requests in flight. A serial finds its place by its low
// bits, so a look-up costs an index and nothing is allocated once it has grown.
type table struct {
	places    []flight
	used      int
	forgotten int // of those used
	last      int32
	calls     []int32 // by a call's number, the serial posted for it last

	late     memory // given up, answer still wanted
	answered memory // answered, but another answer matters
}

// maxIndexed bounds table.calls. The page uses its numbers again: they are
// small, and a larger one is looked for.
const maxIndexed = 1 << 16

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

// of returns the flight that was posted for the call, unless it was given up.
func (t *table) of(call int32) *flight {
	if call < maxIndexed {
		if call <= 0 || int(call) >= len(t.calls) {
			return nil
		}
		if f := t.find(t.calls[call]); f != nil && f.Call == call && !f.given {
			return f
		}
		return nil
	}
	for i := range t.places {
		if f := &t.places[i]; f.serial != 0 && f.Call == call && !f.given {
			return f
		}
	}
	return nil
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
		f := &t.places[int(t.last)&(len(t.places)-1)]
		if f.serial != 0 {
			continue
		}
		fields := append(f.Fields[:0], r.Fields...)
		f.Request = *r
		f.Fields = fields
		f.serial = t.last
		f.given, f.forgotten = false, false
		t.used++
		if c := int(r.Call); c > 0 && c < maxIndexed {
			if c >= len(t.calls) {
				t.calls = append(t.calls, make([]int32, c+1-len(t.calls))...)
			}
			t.calls[c] = t.last
		}
		return f
	}
}

func (t *table) free(f *flight) {
	f.serial = 0
	t.used--
	if f.forgotten {
		t.forgotten--
	}
}

// memory remembers the last of the requests that have left the table. Their
// places are used again, so that nothing is allocated once it is full.
type memory struct {
	list []flight
	turn int
}

func (m *memory) keep(limit int, f *flight, since float64) {
	if len(m.list) < limit {
		m.list = append(m.list, flight{})
		m.turn = len(m.list) - 1
	}
	place := &m.list[m.turn]
	m.turn = (m.turn + 1) % limit
	fields := append(place.Fields[:0], f.Fields...)
	*place = *f
	place.Fields = fields
	place.due = since + lateLife
}

func (m *memory) find(serial int32, now Now) *flight {
	for i := range m.list {
		if f := &m.list[i]; f.serial == serial && f.due > now.Mono {
			return f
		}
	}
	return nil
}

// answer makes the end of a flight.
func (f *flight) answer() Answer {
	return Answer{Request: f.Request, Serial: f.serial, Posted: f.posted}
}
