package sim

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// askedCapabilities is the host's question what the widget wants.
func (p *page) askedCapabilities() {
	p.w.device.awake(func() {
		if p.hears() {
			p.input(func(now session.Now) { p.core.Receive(now, p.hostRequest(protocol.ActCapabilities)) })
		}
	})
}

// notified is the host's word of what it approves.
func (p *page) notified(requested, approved []string) {
	p.w.device.awake(func() {
		if !p.hears() {
			return
		}
		p.w.tell("← the host approves %d capabilities", len(approved))
		m := p.hostRequest(protocol.ActNotifyCapabilities)
		m = protocol.AppendTexts(m, protocol.DataRequested, requested)
		m = protocol.AppendTexts(m, protocol.DataApproved, approved)
		p.inbox = m
		p.revoked(approved)
		p.input(func(now session.Now) { p.core.Receive(now, m) })
	})
}

// heard is the host's telling of room events, one or the whole state.
func (p *page) heard(events []*roomEvent, whole bool) {
	p.w.device.awake(func() {
		if !p.hears() {
			return
		}
		action := protocol.ActSendEvent
		if whole {
			action = protocol.ActUpdateState
		}
		m := p.hostRequest(action)
		for _, e := range events {
			p.told[e.key] = e
		}
		if p.steady { // else the border does not look
			for _, e := range events {
				p.w.tell("← heard of %s", e.id)
				m = heardFields(m, e)
				p.witness(e)
			}
		}
		p.inbox = m
		p.input(func(now session.Now) { p.core.Receive(now, m) })
	})
}
