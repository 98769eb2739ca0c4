package homeserver

import (
	"slices"
	"time"
)

// round sends all that is due by the clock, what was due first first. Usually that is one entry, whose timer ran out; more of them after
// the server was stopped, after a step of its clock, or in a batch.
//
// As in Synapse, of several entries for the same state that are due in one round only the first that can be sent is sent, whoever
// scheduled them; the others are dropped.
func (q *scheduler) round() {
	if q.halted {
		return
	}
	type place struct {
		room *room
		name stateName
	}
	written := map[place]bool{}
	due := q.find(func(e *entry) bool { return e.timed && q.left(e) == 0 })
	slices.SortStableFunc(due, func(a, b *entry) int { return a.dueAt().Compare(b.dueAt()) })
	for _, e := range due {
		if !q.entries[e] {
			continue // an earlier one of this round ended it
		}
		if e.draft.stateKey == nil {
			e.keeper.due(e)
			continue
		}
		at := place{e.draft.room, stateName{e.draft.kind, *e.draft.stateKey}}
		if written[at] {
			e.keeper.overwritten(e, nil)
			continue
		}
		written[at] = e.keeper.due(e)
	}
}

// halt stops every timer, or has them go on by what the clock says now.
func (q *scheduler) halt(halted bool) {
	q.halted = halted
	q.rearm()
}

// rearm sets every timer anew.
func (q *scheduler) rearm() {
	for e := range q.entries {
		q.arm(e)
	}
}

// arm sets the timer of an entry for what is left of its time.
func (q *scheduler) arm(e *entry) {
	q.stop(e)
	if !e.timed || q.halted {
		return
	}
	epoch := e.epoch
	e.timer = q.clock.AfterFunc(q.left(e), func() {
		q.s.mu.Lock()
		defer q.s.mu.Unlock()
		if e.epoch != epoch {
			return
		}
		q.round()
		if q.entries[e] && e.epoch == epoch {
			q.arm(e) // the clock has not come that far
		}
		_ = q.s.settle(nil) // nobody asked; what is not kept now is with the next request
	})
}

// left is the time until an entry is to be sent.
func (q *scheduler) left(e *entry) time.Duration { return max(0, e.sendAt.Sub(q.clock.Now())) }

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
