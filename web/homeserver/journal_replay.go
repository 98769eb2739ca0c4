package homeserver

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// replay makes a server what a list of changes says it is. Nothing is checked that was checked when it happened: what landed has landed.
type replay struct {
	s       *Server
	devices map[deviceName]*device
	entries map[uint64]*entry
}

type deviceName struct{ user, device string }

func newReplay(s *Server) *replay {
	return &replay{s: s, devices: map[deviceName]*device{}, entries: map[uint64]*entry{}}
}

// line applies one line of a journal.
func (p *replay) line(line []byte) error {
	var changes []change
	if err := decodeStrictly(line, &changes); err != nil {
		return err
	}
	for _, c := range changes {
		if err := p.apply(c); err != nil {
			return err
		}
	}
	return nil
}

func (p *replay) apply(c change) error {
	switch {
	case c.Account != nil:
		d := p.s.addAccount(*c.Account)
		p.devices[deviceName{d.user.id, d.id}] = d
	case c.Room != "":
		p.s.rooms[c.Room] = newRoom(c.Room)
	case c.Event != nil:
		d, err := p.draft(c.Event.draftParts)
		if err != nil {
			return err
		}
		d.room.land(d, c.Event.ID, c.Event.At)
	case c.Scheduled != nil:
		return p.schedule(c.Scheduled)
	case c.Restarted != nil:
		e, err := p.entry(c.Restarted.Entry)
		if err != nil {
			return err
		}
		e.since = c.Restarted.Since
	case c.Ended != nil:
		e, err := p.entry(c.Ended.Entry)
		if err != nil {
			return err
		}
		p.s.scheduler.drop(e)
		p.s.delayed.remember(e, c.Ended)
	case c.Finished != nil:
		u := p.s.users[c.Finished.User]
		if u == nil {
			return fmt.Errorf("user %q is unknown", c.Finished.User)
		}
		p.s.delayed.ended.add(u, ending{c.Finished.DelayID, c.Finished.Sent, c.Finished.At})
	case c.Answered != nil:
		return p.answer(c.Answered)
	default:
		return errors.New("a change of no kind")
	}
	return nil
}

func (p *replay) schedule(c *scheduleChange) error {
	d, err := p.draft(c.draftParts)
	if err != nil {
		return err
	}
	e := &entry{draft: d, since: c.Since, order: c.Entry}
	if c.DelayMs != nil {
		e.delay, e.timed = time.Duration(*c.DelayMs)*time.Millisecond, true
	}
	switch c.Generation {
	case generationFutures:
		e.keeper = p.s.futures
	case generationDelayed:
		e.keeper = p.s.delayed
	default:
		return fmt.Errorf("generation %q is unknown", c.Generation)
	}
	e.keeper.restore(e, c)
	p.s.scheduler.take(e)
	p.entries[e.order] = e
	return nil
}

func (p *replay) answer(c *answerChange) error {
	d := p.devices[deviceName{c.User, c.Device}]
	if d == nil {
		return fmt.Errorf("user %q has no device %q", c.User, c.Device)
	}
	p.s.transactions[transactionKey{d, c.Verb, c.Room, c.Type, c.Txn}] = c.Answer
	return nil
}

func (p *replay) entry(number uint64) (*entry, error) {
	e := p.entries[number]
	if e == nil || !p.s.scheduler.entries[e] {
		return nil, fmt.Errorf("entry %d is not scheduled", number)
	}
	return e, nil
}

func (p *replay) draft(parts draftParts) (draft, error) {
	d := draft{
		room: p.s.rooms[parts.Room], sender: p.s.users[parts.Sender], device: p.devices[deviceName{parts.Sender, parts.Device}],
		kind: parts.Type, stateKey: parts.StateKey, content: parts.Content,
		txn: parts.Txn, delayID: parts.DelayID, sticky: time.Duration(parts.StickyMs) * time.Millisecond,
	}
	switch {
	case d.room == nil:
		return d, fmt.Errorf("room %q is unknown", parts.Room)
	case d.sender == nil:
		return d, fmt.Errorf("user %q is unknown", parts.Sender)
	case d.device == nil && parts.Device != "":
		return d, fmt.Errorf("user %q has no device %q", parts.Sender, parts.Device)
	case d.content == nil:
		return d, errors.New("content is missing")
	}
	return d, nil
}

// snapshot is everything there is, as changes to an empty server.
func (s *Server) snapshot() []change {
	var all []change
	for _, d := range s.inOrder() {
		all = append(all, d.change())
	}
	for _, m := range sortedBy(maps.Values(s.rooms), func(m *room) string { return m.id }) {
		all = append(all, m.changes()...)
	}
	for _, e := range s.scheduler.find(func(*entry) bool { return true }) {
		all = append(all, change{Scheduled: e.scheduling()})
	}
	all = append(all, s.delayed.ended.changes()...)
	keys := sortedBy(maps.Keys(s.transactions), func(k transactionKey) string {
		return fmt.Sprintf("%q", []string{k.device.user.id, k.device.id, k.verb, k.room, k.kind, k.name})
	})
	for _, key := range keys {
		all = append(all, key.change(s.transactions[key]))
	}
	return all
}

// inOrder lists the devices, always in the same order.
func (s *Server) inOrder() []*device {
	return sortedBy(maps.Values(s.devices), func(d *device) string { return d.user.id + " " + d.id })
}

func sortedBy[T any, K cmp.Ordered](values func(func(T) bool), key func(T) K) []T {
	return slices.SortedFunc(values, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

func (d *device) change() change {
	account := d.account()
	return change{Account: &account}
}

// changes are the room's making and all that landed in it.
func (m *room) changes() []change {
	all := []change{{Room: m.id}}
	for _, e := range m.timeline {
		all = append(all, e.change())
	}
	return all
}

func (e *event) change() change {
	return change{Event: &eventChange{e.draft.parts(), e.id, e.at}}
}

func (k *transactionKey) change(answer any) change {
	return change{Answered: &answerChange{
		User: k.device.user.id, Device: k.device.id, Verb: k.verb, Room: k.room, Type: k.kind, Txn: k.name, Answer: answer,
	}}
}
