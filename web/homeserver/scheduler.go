package homeserver

import (
	"cmp"
	"slices"
	"time"
)

// keeper is the generation an entry belongs to: what being due or overtaken means differs, the timers do not.
type keeper interface {
	// due: the entry's timer ran out. The keeper sends it, or drops it.
	due(*entry)
	// overwritten: somebody wrote the state the entry would have written.
	overwritten(e *entry, by *user)
	// describe adds what only the keeper knows of an entry it has; restore has it know that; forget, no more.
	describe(*entry, *scheduleChange)
	restore(*entry, *scheduleChange)
	forget(*entry)
}

// entry is one event that is to be sent later.
type entry struct {
	draft  draft
	keeper keeper
	delay  time.Duration
	timed  bool      // false: an action future, which no timer sends
	since  time.Time // when the timer was last started

	order uint64 // of being scheduled
	epoch uint64 // grows with every stop: a timer of an older epoch is void, even if it already waits for the lock
	timer Timer
}

func (e *entry) dueAt() time.Time { return e.since.Add(e.delay) }

// scheduler holds every entry of every generation. All its methods want the server's lock held; its timers take it themselves.
type scheduler struct {
	s       *Server
	clock   Clock
	batch   time.Duration // events are sent at multiples of it; 0: each at its own time
	entries map[*entry]bool
	count   uint64
}

func newScheduler(s *Server) *scheduler {
	return &scheduler{
		s: s, clock: s.clock, batch: time.Duration(s.options.BatchMs) * time.Millisecond, entries: map[*entry]bool{},
	}
}

// add takes a new entry in and starts its timer.
func (q *scheduler) add(e *entry) {
	e.order = q.count + 1
	q.take(e)
	q.start(e)
	q.s.tell(func() []change { return []change{{Scheduled: e.scheduling(), owner: e.draft.sender}} })
}

// take takes an entry in as it is.
func (q *scheduler) take(e *entry) {
	q.count = max(q.count, e.order)
	q.entries[e] = true
}

// restart starts the timer of an entry over, with the delay it was scheduled with.
func (q *scheduler) restart(e *entry) {
	q.start(e)
	q.s.tell(func() []change { return []change{{Restarted: &restartChange{e.order, e.since}, owner: e.draft.sender}} })
}

func (q *scheduler) start(e *entry) {
	q.stop(e)
	e.since = q.clock.Now()
	if e.timed {
		q.arm(e, e.delay+q.untilBatch(e.dueAt()))
	}
}

// resume starts the timers of entries that were taken in. What fell due before is sent at once, the earliest first.
func (q *scheduler) resume() {
	sendAt := func(e *entry) time.Time { return e.dueAt().Add(q.untilBatch(e.dueAt())) }
	waiting := q.find(func(e *entry) bool { return e.timed })
	slices.SortStableFunc(waiting, func(a, b *entry) int { return sendAt(a).Compare(sendAt(b)) })
	now := q.clock.Now()
	for _, e := range waiting {
		switch wait := sendAt(e).Sub(now); {
		case !q.entries[e]: // an earlier one has ended it
		case wait > 0:
			q.arm(e, wait)
		default:
			e.keeper.due(e)
		}
	}
}

func (q *scheduler) arm(e *entry, wait time.Duration) {
	epoch := e.epoch
	e.timer = q.clock.AfterFunc(wait, func() {
		q.s.mu.Lock()
		defer q.s.mu.Unlock()
		if e.epoch == epoch {
			e.keeper.due(e)
			_ = q.s.settle(nil) // nobody asked; what is not kept now is with the next request
		}
	})
}

// untilBatch is how long an event that is due has to wait for its batch.
func (q *scheduler) untilBatch(due time.Time) time.Duration {
	if q.batch == 0 {
		return 0
	}
	if past := time.Duration(due.UnixNano()) % q.batch; past > 0 {
		return q.batch - past
	}
	return 0
}

// end drops an entry that is not to be sent.
func (q *scheduler) end(e *entry, how how) {
	q.drop(e)
	q.s.tellEnding(e, how, nil, nil)
}

// send has the event of an entry that was dropped written to its room.
func (q *scheduler) send(e *entry, how how) error {
	sent, err := q.s.write(e.draft)
	q.s.tellEnding(e, how, sent, err)
	return err
}

// drop forgets an entry, and has its keeper forget it; its timer will not come. Whoever calls it tells of its end.
func (q *scheduler) drop(e *entry) {
	q.stop(e)
	delete(q.entries, e)
	e.keeper.forget(e)
}

func (q *scheduler) stop(e *entry) {
	e.epoch++
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

func (q *scheduler) clear() {
	for e := range q.entries {
		q.drop(e)
	}
}

// overwritten tells the keepers of every entry for one piece of state that it was written.
func (q *scheduler) overwritten(m *room, kind, key string, by *user) {
	matching := q.find(func(e *entry) bool {
		return e.draft.room == m && e.draft.kind == kind && e.draft.stateKey != nil && *e.draft.stateKey == key
	})
	for _, e := range matching {
		if q.entries[e] { // the keeper of an earlier one may have dropped it
			e.keeper.overwritten(e, by)
		}
	}
}

// of lists a user's entries of one keeper, those due first first, those without a timer last.
func (q *scheduler) of(owner *user, keeper keeper) []*entry {
	list := q.find(func(e *entry) bool { return e.draft.sender == owner && e.keeper == keeper })
	slices.SortStableFunc(list, func(a, b *entry) int {
		if a.timed != b.timed {
			if a.timed {
				return -1
			}
			return 1
		}
		if !a.timed {
			return 0
		}
		return a.dueAt().Compare(b.dueAt())
	})
	return list
}

// find lists the entries a question is true of, in the order they were scheduled.
func (q *scheduler) find(is func(*entry) bool) []*entry {
	var list []*entry
	for e := range q.entries {
		if is(e) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.order, b.order) })
	return list
}

// checkCount refuses an entry to a user who has as many as allowed; the wait is that for the next of them to be sent.
func (q *scheduler) checkCount(owner *user, most int) error {
	mine := q.find(func(e *entry) bool { return e.draft.sender == owner })
	if len(mine) < most {
		return nil
	}
	var wait time.Duration
	for _, e := range mine {
		if left := e.dueAt().Sub(q.clock.Now()); e.timed && (wait == 0 || left < wait) {
			wait = left
		}
	}
	return tooMany("The maximum number of scheduled events has been reached.", wait)
}
