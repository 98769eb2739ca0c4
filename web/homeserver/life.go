package homeserver

import (
	"errors"
	"time"
)

// change is one thing that happened to the server; one of its members is set. It is told once, where it happens, and goes from there to
// whoever keeps it or shows it: the journal (journal.go) and the life streams (life_stream.go). So it holds everything, secrets too.
type change struct {
	Account   *Account        `json:"account,omitempty"`
	Room      string          `json:"room,omitempty"` // was made; its events follow
	Event     *eventChange    `json:"event,omitempty"`
	Scheduled *scheduleChange `json:"scheduled,omitempty"`
	Restarted *restartChange  `json:"restarted,omitempty"`
	Ended     *endChange      `json:"ended,omitempty"`
	Finished  *finishedChange `json:"finished,omitempty"`
	Answered  *answerChange   `json:"answered,omitempty"`

	owner *user // of the scheduled event it is about
}

// draftParts are a draft with its pointers replaced by names.
type draftParts struct {
	Room     string         `json:"room"`
	Sender   string         `json:"sender"`
	Device   string         `json:"device,omitempty"`
	Type     string         `json:"type"`
	StateKey *string        `json:"state_key,omitempty"`
	Content  map[string]any `json:"content"`
	Txn      string         `json:"txn,omitempty"`
	DelayID  string         `json:"delay_id,omitempty"`
	StickyMs int64          `json:"sticky_ms,omitempty"`
}

// eventChange: an event landed in its room.
type eventChange struct {
	draftParts
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// scheduleChange: an event is to be sent later.
type scheduleChange struct {
	draftParts
	Entry      uint64    `json:"entry"`
	Generation string    `json:"generation"`
	DelayMs    *int64    `json:"delay_ms,omitempty"` // absent: no timer sends it
	Since      time.Time `json:"since"`

	Group  string            `json:"group,omitempty"` // these three: futures only
	URL    string            `json:"url,omitempty"`
	Tokens map[string]string `json:"tokens,omitempty"`
}

// restartChange: a timer began anew.
type restartChange struct {
	Entry uint64    `json:"entry"`
	Since time.Time `json:"since"`
}

// endChange: what was scheduled is no more.
type endChange struct {
	Entry   uint64       `json:"entry"`
	How     how          `json:"how"`
	At      time.Time    `json:"at"`
	EventID string       `json:"event_id,omitempty"` // with howFired and howSent
	Refusal *matrixError `json:"-"`                  // with howRefused
}

// finishedChange: a delayed event that is remembered although it is over (finished.go). Endings tell it too; this is for those that
// were over when a journal was written anew.
type finishedChange struct {
	User    string    `json:"user"`
	DelayID string    `json:"delay_id"`
	Sent    bool      `json:"sent"`
	At      time.Time `json:"at"`
}

// how something scheduled came to its end.
type how string

const (
	howFired       how = "fired"       // its timer ran out and the event is in the room
	howSent        how = "sent"        // somebody sent it before
	howCancelled   how = "cancelled"   // somebody cancelled it
	howOverwritten how = "overwritten" // there is newer state
	howGroup       how = "group"       // another of its group was sent, or the group has no timer left
	howRefused     how = "refused"     // it was its time, or it was sent, but the room did not take it
	howForgotten   how = "forgotten"   // ForgetScheduled
)

// answerChange: a transaction was answered, and a repetition of it gets the same.
type answerChange struct {
	Device string `json:"device"`
	User   string `json:"user"`
	Verb   string `json:"verb"`
	Room   string `json:"room"`
	Type   string `json:"type"`
	Txn    string `json:"txn"`
	Answer any    `json:"answer"`
}

// tell says what happened. Call it with the lock held; it becomes public when the lock is given back (settle). If nobody listens
// nothing is made of it.
func (s *Server) tell(happened func() []change) {
	if s.journal != nil || len(s.lives) > 0 {
		s.untold = append(s.untold, happened()...)
	}
}

// settle ends every piece of work under the lock: what happened is kept, and then made public. It returns the work's own error, unless
// that it cannot be kept is worse: then nobody shall know of it, so streams break.
func (s *Server) settle(err error) error {
	changes := s.untold
	s.untold = nil
	if lost := s.journal.keep(changes); lost != nil {
		s.breakStreams()
		return lost
	}
	for l := range s.lives {
		l.hear(changes)
	}
	return err
}

func (d *draft) parts() draftParts {
	parts := draftParts{
		Room: d.room.id, Sender: d.sender.id, Type: d.kind, StateKey: d.stateKey, Content: d.content,
		Txn: d.txn, DelayID: d.delayID, StickyMs: d.sticky.Milliseconds(),
	}
	if d.device != nil {
		parts.Device = d.device.id
	}
	return parts
}

// scheduling describes an entry as it stands.
func (e *entry) scheduling() *scheduleChange {
	c := &scheduleChange{draftParts: e.draft.parts(), Entry: e.order, Since: e.since}
	if e.timed {
		ms := e.delay.Milliseconds()
		c.DelayMs = &ms
	}
	e.keeper.describe(e, c)
	return c
}

// tellEnding tells how an entry ended: as its keeper says, unless the room did not take the event.
func (s *Server) tellEnding(e *entry, how how, sent *event, err error) {
	c := &endChange{Entry: e.order, How: how, At: s.clock.Now()}
	if sent != nil {
		c.EventID = sent.id
	}
	if errors.As(err, &c.Refusal) {
		c.How = howRefused
	}
	s.delayed.remember(e, c)
	s.tell(func() []change { return []change{{Ended: c, owner: e.draft.sender}} })
}
