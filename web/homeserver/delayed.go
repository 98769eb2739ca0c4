package homeserver

import (
	"net/http"
	"time"
)

// Delayed events as Synapse 1.160.0 serves them: MSC4140 since 2024-07-24, a query parameter to schedule, ids that need no login.

const (
	queryDelay = "org.matrix.msc4140.delay"
	idPrefix   = "syd_"

	generationDelayed = "delayed_events"
)

// delayedActions are the actions on one delayed event, under their wire names.
var delayedActions = map[string]func(*delayedBook, *entry) error{
	"cancel":  (*delayedBook).cancel,
	"restart": (*delayedBook).restart,
	"send":    (*delayedBook).send,
}

var errDelayedNotFound = &matrixError{status: http.StatusNotFound, code: codeNotFound, text: "Delayed event not found"}

// delayedBook keeps the entries of this generation by id, and how the last of them ended.
type delayedBook struct {
	s     *Server
	byID  map[string]*entry
	ended *endings
}

func newDelayedBook(s *Server) *delayedBook {
	return &delayedBook{s: s, byID: map[string]*entry{}, ended: newEndings()}
}

// allow refuses what the server's configuration does not allow.
func (b *delayedBook) allow(delayMs int64) error {
	if b.s.options.NoDelayedEvents {
		return offForms[b.s.options.manners().off].refuse(0, 0)
	}
	if most := b.s.options.MaxDelayMs; delayMs > most {
		return tooLongForms[b.s.options.manners().tooLong].refuse(delayMs, most)
	}
	return nil
}

func (b *delayedBook) schedule(d draft, delayMs int64) (any, error) {
	if wait, full := b.s.scheduler.full(d.sender, b.s.options.MaxScheduled); full {
		return nil, b.s.options.manners().tooMany.refuse(wait)
	}
	d.delayID = idPrefix + letters(20)
	e := &entry{draft: d, keeper: b, delay: time.Duration(delayMs) * time.Millisecond, timed: true}
	b.restore(e, nil)
	b.s.scheduler.add(e)
	return map[string]any{"delay_id": d.delayID}, nil
}

func (b *delayedBook) describe(_ *entry, c *scheduleChange) { c.Generation = generationDelayed }

func (b *delayedBook) restore(e *entry, _ *scheduleChange) { b.byID[e.draft.delayID] = e }

func (b *delayedBook) forget(e *entry) { delete(b.byID, e.draft.delayID) }

// remember keeps in mind how an entry ended, if it was a delayed event and is not one that is to be forgotten.
func (b *delayedBook) remember(e *entry, c *endChange) {
	if e.keeper == b && c.How != howForgotten {
		b.ended.add(e.draft.sender, ending{e.draft.delayID, c.EventID != "", c.At})
	}
}

// due sends the event, stamped with the time it was due as in Synapse; if it may not be sent (any more) there is nobody left to answer.
func (b *delayedBook) due(e *entry) bool {
	e.draft.stamp = e.dueAt()
	b.s.scheduler.drop(e)
	return b.s.scheduler.send(e, howFired) == nil
}

// overwritten cancels, unless the sender wrote it: since Synapse 1.127 one's own new state leaves one's delayed event scheduled.
func (b *delayedBook) overwritten(e *entry, by *user) {
	if by != e.draft.sender || b.s.options.manners().ownStateCancels {
		b.s.scheduler.end(e, howOverwritten)
	}
}

func (b *delayedBook) cancel(e *entry) error {
	b.s.scheduler.end(e, howCancelled)
	return nil
}

func (b *delayedBook) restart(e *entry) error {
	b.s.scheduler.restart(e)
	return nil
}

// send does what is due, at once. In Synapse an event whose sending is refused is finished too; the merged MSC leaves it scheduled.
func (b *delayedBook) send(e *entry) error {
	if finishedForms[b.s.options.manners().finished].keeps {
		if err := e.draft.checkNow(); err != nil {
			return err
		}
	}
	b.s.scheduler.drop(e)
	return b.s.scheduler.send(e, howSent)
}

// act does one of the actions, for whoever knows the id. Synapse counts it first, whether or not there is such an event.
func (b *delayedBook) act(r *request, action string) (any, error) {
	if err := b.s.countManagement(r); err != nil {
		return nil, err
	}
	id := r.params["delay_id"]
	e := b.byID[id]
	if e == nil {
		err := b.ended.answer(b.s.options.manners().finished, id, action, b.s.clock.Now())
		return struct{}{}, err
	}
	if err := delayedActions[action](b, e); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

// postDelayedEvent has the action in its body. It is checked before the id.
func (s *Server) postDelayedEvent(r *request) (any, error) {
	var body map[string]any
	if err := r.object(&body); err != nil {
		return nil, err
	}
	value, present := body["action"]
	if !present {
		return nil, badRequest(codeMissingParam, "'action' is missing")
	}
	action, _ := value.(string)
	if delayedActions[action] == nil {
		return nil, badRequest(codeInvalidParam, "'action' is not one of 'cancel', 'restart', 'send'")
	}
	return s.delayed.act(r, action)
}

// postDelayedEventAction has it in its path. The body does not matter, so a page may send a beacon as it dies.
func (s *Server) postDelayedEventAction(r *request) (any, error) {
	action := r.params["action"]
	if delayedActions[action] == nil {
		return nil, errUnrecognized
	}
	return s.delayed.act(r, action)
}

func (s *Server) getDelayedEvents(r *request) (any, error) {
	if err := s.countManagement(r); err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, e := range s.scheduler.of(r.device.user, s.delayed) {
		item := map[string]any{
			"delay_id":      e.draft.delayID,
			"room_id":       e.draft.room.id,
			"type":          e.draft.kind,
			"delay":         e.delay.Milliseconds(),
			"running_since": e.since.UnixMilli(),
			"content":       e.draft.content,
		}
		if e.draft.stateKey != nil {
			item["state_key"] = *e.draft.stateKey
		}
		list = append(list, item)
	}
	return map[string]any{"delayed_events": list}, nil
}
