package homeserver

import (
	"cmp"
	"slices"
	"time"
)

// keeper is the generation an entry belongs to: what being due or overtaken means differs, the timers do not.
type keeper interface {
	// due: the entry's timer ran out. The keeper sends it, or drops it, and tells which.
	due(*entry) (sent bool)
	// overwritten: somebody wrote the state the entry would have written; nil: another entry that was due together with it.
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
	sendAt time.Time // when it is due, or the batch after that

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
	halted  bool          // no timer runs
	entries map[*entry]bool
	count   uint64
}

func newScheduler(s *Server) *scheduler {
	return &scheduler{
		s: s, clock: s.clock, batch: time.Duration(s.options.BatchMs) * time.Millisecond,
		halted: s.faults.Down == DownStopped, entries: map[*entry]bool{},
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
	e.since = q.clock.Now()
	q.appoint(e)
	q.arm(e)
}

// appoint sets the time at which an entry is to be sent.
func (q *scheduler) appoint(e *entry) { e.sendAt = e.dueAt().Add(q.untilBatch(e.dueAt())) }

// resume starts the timers of entries that were taken in as they were. What fell due before is sent at once.
func (q *scheduler) resume() {
	for e := range q.entries {
		q.appoint(e)
	}
	q.round()
	q.rearm()
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

// full reports whether a user has as many entries as allowed, and when there will be room for one: after those that are too many.
func (q *scheduler) full(owner *user, most int) (time.Duration, bool) {
	var timed []*entry
	mine := q.find(func(e *entry) bool { return e.draft.sender == owner })
	if len(mine) < most {
		return 0, false
	}
	for _, e := range mine {
		if e.timed {
			timed = append(timed, e)
		}
	}
	if over := len(mine) - most; over < len(timed) {
		slices.SortFunc(timed, func(a, b *entry) int { return a.dueAt().Compare(b.dueAt()) })
		return timed[over].dueAt().Sub(q.clock.Now()), true
	}
	return 0, true // as many action futures: no timer makes room
}
