package homeserver

import "time"

// transactionKey tells a repeated PUT from a new one: per device and path, the query left aside, as in Synapse.
type transactionKey struct {
	device                 *device
	verb, room, kind, name string
}

// once runs a PUT with a transaction id a first time, and gives the same answer again after that. A refusal is not remembered.
func (s *Server) once(r *request, verb string, run func() (any, error)) (any, error) {
	key := transactionKey{r.device, verb, r.params["room"], r.params["type"], r.params["txn"]}
	if answer, done := s.transactions[key]; done {
		return answer, nil
	}
	answer, err := run()
	if err == nil {
		s.transactions[key] = answer
		s.tell(func() []change { return []change{key.change(answer)} })
	}
	return answer, err
}

// draft reads the event a PUT describes. With a state key it is a state event; path parameters say which.
func (s *Server) draft(r *request, isState bool) (draft, error) {
	var content map[string]any
	if err := r.object(&content); err != nil {
		return draft{}, err
	}
	d := draft{sender: r.device.user, device: r.device, kind: r.params["type"], content: content}
	if isState {
		key := r.params["key"]
		d.stateKey = &key
	} else {
		sticky, _, err := r.milliseconds(querySticky)
		if err != nil {
			return draft{}, err
		}
		d.sticky = time.Duration(min(sticky, maxStickyMs)) * time.Millisecond
	}
	return d, nil
}

// MSC4354: an event may be sticky for an hour at most.
const (
	querySticky = "org.matrix.msc4354.sticky_duration_ms"
	maxStickyMs = int64(time.Hour / time.Millisecond)
)

func (s *Server) putSend(r *request) (any, error) {
	return s.once(r, "send", func() (any, error) { return s.sendOrDelay(r, false) })
}

func (s *Server) putState(r *request) (any, error) { return s.sendOrDelay(r, true) }

// sendOrDelay is both PUTs: with a delay the event goes to the scheduler, otherwise straight into the room. Any other parameter,
// such as future_timeout of an older draft, is ignored: that is what makes talking to the wrong generation dangerous.
func (s *Server) sendOrDelay(r *request, isState bool) (any, error) {
	d, err := s.draft(r, isState)
	if err != nil {
		return nil, err
	}
	delay, isDelayed, err := r.milliseconds(queryDelay)
	if err != nil {
		return nil, err
	}
	if isDelayed {
		if err := s.delayed.allow(delay); err != nil {
			return nil, err
		}
	}
	if isDelayed {
		return s.schedule(d, r.params["room"], delay)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.room, err = s.joinedRoom(r.device, r.params["room"]); err != nil {
		return nil, err
	}
	d.txn = r.params["txn"]
	e, err := s.write(d)
	if err != nil {
		return nil, err
	}
	return map[string]any{"event_id": e.id}, nil
}

// schedule takes what Synapse takes: whether the sender is in the room, and may write there, shows when the event is due.
func (s *Server) schedule(d draft, roomID string, delayMs int64) (any, error) {
	if d.room = s.rooms[roomID]; d.room == nil {
		return nil, notFound(codeNotFound, "Could not find room_version for "+roomID)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return s.delayed.schedule(d, delayMs)
}
