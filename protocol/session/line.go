package session

// line keeps what waits, in order. What waits for a call of the page is taken
// out by the call's number, without a look at the others.
type line[T any] struct {
	first, last *place[T]
	n           int
	calls       map[int32]*place[T]
}

type place[T any] struct {
	value      T
	call       int32 // 0 if none
	prev, next *place[T]
}

// push puts v at the end.
func (l *line[T]) push(call int32, v T) {
	p := &place[T]{value: v, call: call, prev: l.last}
	if l.last == nil {
		l.first = p
	} else {
		l.last.next = p
	}
	l.last = p
	l.n++
	if call != 0 {
		if l.calls == nil {
			l.calls = map[int32]*place[T]{}
		}
		l.calls[call] = p
	}
}

// drop takes p out; from it one still gets to the next.
func (l *line[T]) drop(p *place[T]) {
	if p.prev == nil {
		l.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.last = p.prev
	} else {
		p.next.prev = p.prev
	}
	l.n--
	l.forget(p)
}

// forget makes p wait for no call.
func (l *line[T]) forget(p *place[T]) {
	if p.call != 0 && l.calls[p.call] == p {
		delete(l.calls, p.call)
	}
	p.call = 0
}

// abort takes out what waits for the call.
func (l *line[T]) abort(call int32) bool {
	p := l.calls[call]
	if p != nil {
		l.drop(p)
	}
	return p != nil
}
