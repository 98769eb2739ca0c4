package homeserver

import (
	"bytes"
	"fmt"
	"time"
)

const (
	typeCreate      = "m.room.create"
	typeMember      = "m.room.member"
	typePowerLevels = "m.room.power_levels"
	typeJoinRules   = "m.room.join_rules"
	typeHistory     = "m.room.history_visibility"
	typeName        = "m.room.name"
	typeTopic       = "m.room.topic"
	typeMessage     = "m.room.message"
)

const (
	fieldDelayID   = "org.matrix.msc4140.delay_id"
	fieldSticky    = "msc4354_sticky"
	fieldStickyTTL = "msc4354_sticky_duration_ttl_ms"
)

// draft is an event that is not in a room yet: about to be sent, or waiting in the scheduler.
type draft struct {
	room     *room
	sender   *user
	device   *device // nil for what the server writes by itself
	kind     string
	stateKey *string
	content  map[string]any
	txn      string
	delayID  string        // of the delayed event this was, "" otherwise
	sticky   time.Duration // MSC4354, 0 = not sticky
	stamp    time.Time     // its origin_server_ts; zero: when it lands
}

// event is a draft that landed.
type event struct {
	draft
	id       string
	position int // in the room's timeline
	at       time.Time
	replaced *event // the state event before this one
}

// check refuses what Synapse refuses at once, and not only when a scheduled event is due (checkSendable).
func (d *draft) check() error {
	if d.kind == typeMessage {
		for _, name := range []string{"body", "msgtype"} {
			switch value := d.content[name].(type) {
			case string:
			case nil:
				return badRequest(codeUnknown, fmt.Sprintf("'%s' not in content", name))
			default:
				return badRequest(codeUnknown, fmt.Sprintf("'%s' not a string type, but %T", name, value))
			}
		}
	}
	if d.kind == typeMember && d.stateKey != nil {
		switch d.content["membership"] {
		case memberJoin, memberLeave, memberInvite, memberBan, "knock":
		case nil:
			return badRequest(codeUnknown, "Content has not membership key")
		default:
			return badRequest(codeUnknown, "Invalid membership key")
		}
	}
	return nil
}

// checkNow refuses what may not be written now: that it was scheduled once does not help it.
func (d *draft) checkNow() error {
	if err := d.room.authorize(d); err != nil {
		return err
	}
	return d.checkSendable()
}

// write puts a draft into its room, if its sender may, and lets the scheduler know of new state. Call it with the lock held.
func (s *Server) write(d draft) (*event, error) {
	if err := d.checkNow(); err != nil {
		return nil, err
	}
	if d.stateKey != nil {
		before := d.room.state[stateName{d.kind, *d.stateKey}]
		// Synapse's deduplicate_state_event: the same state from the same sender is not written twice.
		if before != nil && before.sender == d.sender && bytes.Equal(encode(before.content), encode(d.content)) {
			return before, nil
		}
	}
	at := d.stamp
	if at.IsZero() {
		at = s.clock.Now()
	}
	e := d.room.land(d, "$"+token(32), at)
	if s.rooms[d.room.id] != nil { // a room that is being made is told as a whole
		s.tell(func() []change { return []change{e.change()} })
	}
	if d.stateKey != nil {
		s.scheduler.overwritten(d.room, d.kind, *d.stateKey, d.sender)
	}
	return e, nil
}

// clientForm is the event as one viewer reads it: a transaction id is shown to the device that sent it, a delay id to its sender.
func (e *event) clientForm(now time.Time, viewer *device) map[string]any {
	unsigned := map[string]any{
		"age":        now.Sub(e.at).Milliseconds(),
		"membership": e.room.membershipAt(viewer.user, e.position),
	}
	form := map[string]any{
		"type":             e.kind,
		"content":          e.content,
		"sender":           e.sender.id,
		"room_id":          e.room.id,
		"event_id":         e.id,
		"origin_server_ts": e.at.UnixMilli(),
		"unsigned":         unsigned,
	}
	if e.stateKey != nil {
		form["state_key"] = *e.stateKey
	}
	if e.txn != "" && e.device == viewer {
		unsigned["transaction_id"] = e.txn
	}
	if e.delayID != "" && e.sender == viewer.user {
		unsigned[fieldDelayID] = e.delayID
	}
	if e.replaced != nil {
		unsigned["prev_content"] = e.replaced.content
		unsigned["prev_sender"] = e.replaced.sender.id
		unsigned["replaces_state"] = e.replaced.id
	}
	if e.sticky > 0 {
		form[fieldSticky] = map[string]any{"duration_ms": e.sticky.Milliseconds()}
		if left := e.sticky - now.Sub(e.at); left > 0 {
			unsigned[fieldStickyTTL] = left.Milliseconds()
		}
	}
	return form
}
