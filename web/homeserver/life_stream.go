package homeserver

import (
	"fmt"
	"net/http"
	"strconv"
)

// lifeBacklog is how many messages wait for a reader who does not read; after that he gets a new beginning instead.
const lifeBacklog = 1000

// life is one reader of what becomes of a user's scheduled events. Its members want the server's lock held.
type life struct {
	owner   *user
	wake    chan struct{} // has room for one wake-up
	pending []change
	anew    bool // the next message is a reset, and then comes everything there is
}

// hear takes in what is about the reader's own.
func (l *life) hear(changes []change) {
	heard := false
	for _, c := range changes {
		if c.owner != l.owner {
			continue
		}
		heard = true
		switch {
		case l.anew: // it will be among everything there is
		case len(l.pending) == lifeBacklog:
			l.pending, l.anew = nil, true
		default:
			l.pending = append(l.pending, c)
		}
	}
	if !heard {
		return
	}
	select {
	case l.wake <- struct{}{}:
	default: // one wake-up is pending already, and it reads everything
	}
}

// streamLife tells a user everything he has scheduled, of both generations, and what becomes of it, as Server-Sent Events. It begins
// with a reset and everything there is; a reader who is too slow gets that again in place of what he missed. No token and no delay id
// is in it, so a page may show it all.
func (s *Server) streamLife(w http.ResponseWriter, r *request) {
	l, wentDown, err := s.watchLife(r)
	if err != nil {
		writeError(w, err)
		return
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.lives, l)
	}()
	s.stream(w, r, l.wake, wentDown, func() bool {
		for _, message := range s.readLife(l) {
			fmt.Fprintf(w, "data: %s\n\n", encode(message))
		}
		return true
	})
}

func (s *Server) watchLife(r *request) (*life, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(r, needsLogin); err != nil {
		return nil, nil, err
	}
	l := &life{owner: r.device.user, wake: make(chan struct{}, 1), anew: true}
	s.lives[l] = true
	return l, s.wentDown, nil
}

// readLife takes what there is to tell, with the server's time of telling it.
func (s *Server) readLife(l *life) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var messages []map[string]any
	if l.anew {
		messages = append(messages, map[string]any{"change": "reset"})
		for _, e := range s.scheduler.find(func(e *entry) bool { return e.draft.sender == l.owner }) {
			messages = append(messages, e.scheduling().message())
		}
	}
	for _, c := range l.pending {
		messages = append(messages, c.message())
	}
	l.pending, l.anew = nil, false
	now := s.clock.Now().UnixMilli()
	for _, message := range messages {
		message["now"] = now
	}
	return messages
}

// lifeID is how a page tells one scheduled event from another; it opens nothing.
func lifeID(entry uint64) string { return strconv.FormatUint(entry, 10) }

// message is the change as a page may see it.
func (c *change) message() map[string]any {
	switch {
	case c.Scheduled != nil:
		return c.Scheduled.message()
	case c.Restarted != nil:
		return map[string]any{"change": "restarted", "id": lifeID(c.Restarted.Entry), "running_since": c.Restarted.Since.UnixMilli()}
	default:
		return c.Ended.message()
	}
}

func (c *scheduleChange) message() map[string]any {
	message := map[string]any{
		"change":        "scheduled",
		"id":            lifeID(c.Entry),
		"generation":    c.Generation,
		"room_id":       c.Room,
		"type":          c.Type,
		"content":       c.Content,
		"running_since": c.Since.UnixMilli(),
	}
	if c.StateKey != nil {
		message["state_key"] = *c.StateKey
	}
	if c.DelayMs != nil {
		message["delay_ms"] = *c.DelayMs
	}
	if c.Group != "" {
		message["group_id"] = c.Group
	}
	return message
}

func (c *endChange) message() map[string]any {
	message := map[string]any{"change": "ended", "id": lifeID(c.Entry), "how": c.How}
	if c.EventID != "" {
		message["event_id"] = c.EventID
	}
	if c.Refusal != nil {
		message["error"] = map[string]any{"errcode": c.Refusal.code, "error": c.Refusal.text}
	}
	return message
}
