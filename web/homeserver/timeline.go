package homeserver

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A place in a timeline is "t" and the number of events before it.
func placeName(position int) string { return "t" + strconv.Itoa(position) }

func parsePlace(name string) (int, error) {
	digits, ok := strings.CutPrefix(name, "t")
	position, err := strconv.Atoi(digits)
	if !ok || err != nil || position < 0 {
		return 0, badRequest(codeInvalidParam, "'from' is not a place in this timeline")
	}
	return position, nil
}

// clampPlace keeps a place inside the timeline as it is now.
func (m *room) clampPlace(position int) int { return min(position, len(m.timeline)) }

const defaultPage, maxPage = 10, 1000

// getMessages pages through a room. Forwards there is always an end: the place where the next event will be.
func (s *Server) getMessages(r *request) (any, error) {
	m, err := s.joinedRoom(r.device, r.params["room"])
	if err != nil {
		return nil, err
	}
	dir := r.query.Get("dir")
	if dir != "f" && dir != "b" {
		return nil, badRequest(codeInvalidParam, "'dir' must be f or b")
	}
	limit := defaultPage
	if r.query.Has("limit") {
		if limit, err = strconv.Atoi(r.query.Get("limit")); err != nil || limit < 1 {
			return nil, badRequest(codeInvalidParam, "'limit' must be an integer above 0")
		}
		limit = min(limit, maxPage)
	}
	from := 0
	if dir == "b" {
		from = len(m.timeline)
	}
	if name := r.query.Get("from"); name != "" {
		if from, err = parsePlace(name); err != nil {
			return nil, err
		}
		from = m.clampPlace(from)
	}
	answer := map[string]any{"start": placeName(from)}
	var page []*event
	if dir == "f" {
		end := m.clampPlace(from + limit)
		page = m.timeline[from:end]
		answer["end"] = placeName(end)
	} else {
		end := max(from-limit, 0)
		page = slices.Clone(m.timeline[end:from])
		slices.Reverse(page)
		if end > 0 {
			answer["end"] = placeName(end)
		}
	}
	answer["chunk"] = s.clientForms(page, r.device)
	return answer, nil
}

func (s *Server) clientForms(events []*event, viewer *device) []map[string]any {
	now := s.clock.Now()
	forms := make([]map[string]any, 0, len(events))
	for _, e := range events {
		forms = append(forms, e.clientForm(now, viewer))
	}
	return forms
}

// getState lists the room's state, oldest first.
func (s *Server) getState(r *request) (any, error) {
	m, err := s.joinedRoom(r.device, r.params["room"])
	if err != nil {
		return nil, err
	}
	var current []*event
	for _, e := range m.timeline {
		if e.stateKey != nil && m.state[stateName{e.kind, *e.stateKey}] == e {
			current = append(current, e)
		}
	}
	return s.clientForms(current, r.device), nil
}

// getStateEvent answers the content of one piece of state.
func (s *Server) getStateEvent(r *request) (any, error) {
	m, err := s.joinedRoom(r.device, r.params["room"])
	if err != nil {
		return nil, err
	}
	e := m.state[stateName{r.params["type"], r.params["key"]}]
	if e == nil {
		return nil, errStateNotFound
	}
	return e.content, nil
}

// streamRoom sends each event of a room as it lands, as Server-Sent Events. It starts at ?from=, or behind the Last-Event-ID of a
// reconnecting EventSource, or now; the id of each message is the place behind its event.
func (s *Server) streamRoom(w http.ResponseWriter, r *request) {
	wake := make(chan struct{}, 1)
	m, at, wentDown, err := s.watch(r, wake)
	if err != nil {
		writeError(w, err)
		return
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(m.watchers, wake)
	}()
	s.stream(w, r, wake, wentDown, func() bool {
		events, ok := s.read(m, at, r.device)
		if !ok {
			return false // no longer in the room
		}
		for _, form := range events {
			at++
			fmt.Fprintf(w, "id: %s\ndata: %s\n\n", placeName(at), encode(form))
		}
		return true
	})
}

// watch admits a stream, registers its wake-up and finds the place it starts from and what breaks it.
func (s *Server) watch(r *request, wake chan struct{}) (*room, int, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(r, needsLogin); err != nil {
		return nil, 0, nil, err
	}
	m, err := s.joinedRoom(r.device, r.params["room"])
	if err != nil {
		return nil, 0, nil, err
	}
	name := r.http.Header.Get("Last-Event-ID")
	if name == "" {
		name = r.query.Get("from")
	}
	at := len(m.timeline)
	if name != "" {
		if at, err = parsePlace(name); err != nil {
			return nil, 0, nil, err
		}
	}
	m.watchers[wake] = true
	return m, m.clampPlace(at), s.wentDown, nil
}

// read returns what landed since a place, and whether the reader is still in the room.
func (s *Server) read(m *room, at int, viewer *device) ([]map[string]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal.behind() {
		return nil, true // what cannot be kept is not told; this stream is about to break
	}
	return s.clientForms(m.timeline[at:], viewer), m.membership(viewer.user.id) == memberJoin
}
