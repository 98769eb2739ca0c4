package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxDuplicates bounds how often a state is sent again that the server takes
// for the one that is there: where the leave was cancelled it is there for good.
const maxDuplicates = 5

// sendState posts the state with its latest content.
func (c *Client) sendState(now session.Now, h *hold) {
	c.lastAttempt++
	h.state.number, h.state.posted = c.lastAttempt, true
	h.dirty, h.sent, h.sending = false, h.version, h.event.Content
	h.writes++
	c.postState(now, h, h.event.Content)
}

// postState posts the state or, as its content, the leave.
func (c *Client) postState(now session.Now, h *hold, content protocol.Value) {
	p := pending{kind: SendEvent, owner: h.serial, attempt: c.lastAttempt, deadlineMs: h.stepMs}
	p.future.Event = h.event
	p.future.Content = content
	if !c.try(now, &p) {
		c.wait(now, &p)
	}
}

// stateEnded takes the end of a state, or of a plain leave.
func (c *Client) stateEnded(
	now session.Now, k *keeper, number int32, posted session.Now, eventID string, err *protocol.Error, late bool,
) {
	if k == nil || k.over {
		return
	}
	h := k.hold
	if l := &h.leaving; l.wanted && number > l.since {
		if number == l.number && l.flight || err == nil && !l.done {
			c.plainLeaveEnded(now, h, err)
		}
		return
	}
	if late {
		h.unanswered--
	}
	current := number == h.state.number
	switch {
	case late && err != nil:
		return
	case !current || late && h.leaving.wanted:
		// A state that was given up has landed, perhaps on top of a newer one.
		h.watch.own(eventID)
		h.landed()
		return
	}
	h.state.posted = false
	if err != nil {
		c.stateFailed(now, h, posted, err)
		return
	}
	if h.absent && h.deduplicated < maxDuplicates && eventID != "" && eventID == h.watch.acked {
		// Nothing was written: our old state was still there, and the leave that
		// the server has begun to send is yet to land on it (Synapse, wire.md §2.5).
		h.deduplicated++
		h.dirty, h.state.at = true, now.Mono+strayGraceMs
		return
	}
	h.acks++
	h.deduplicated = 0
	if h.leaving.wanted {
		if h.leaving.done || h.leaving.flight {
			h.landed() // behind the leave
		}
		return
	}
	h.absent, h.good = false, h.sending
	if late && h.sent == h.version {
		h.dirty = false
	}
	for i := 0; i < len(h.changes); i++ {
		if h.changes[i].version <= h.sent {
			c.settleChange(h, i, nil)
			i--
		}
	}
	c.acknowledgedState(now, h, eventID)
}

// landed: the room may hold an old state of ours.
func (h *hold) landed() {
	h.dirty = !h.leaving.wanted
	h.leaving.again = h.leaving.wanted && h.status != Displaced // then it is no longer ours
}

// stateFailed: what may have been written is written again; what is refused is
// not.
func (c *Client) stateFailed(now session.Now, h *hold, posted session.Now, err *protocol.Error) {
	h.lastErr = kept(err)
	if maybeDone(err, posted) {
		h.unanswered++
	}
	switch fateOf(err) {
	case transient:
		h.dirty, h.state.at = true, now.Mono+c.retry(h.keeper)
	case limited:
		h.writes--
		h.dirty, h.state.at = true, now.Mono+retryMs(err)
	default:
		h.writes--
		h.excused = min(h.excused, h.writes)
		switch {
		case h.leaving.wanted:
		case !h.started:
			c.failStart(now, h, err)
		case h.absent:
			c.failKeeper(now, h.keeper, err)
		}
		if h.started && !h.dirty { // else a newer content is on its way
			h.event.Content = h.good // what is refused must not be sent again when the state is lost
			for len(h.changes) > 0 {
				c.settleChange(h, 0, err)
			}
		}
	}
}
