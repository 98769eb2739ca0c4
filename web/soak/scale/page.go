package main

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	epoch       = 1767225600000 // 2026-01-01
	deadlineMs  = 10000
	handshakeMs = 120000
	holdCall    = 1
)

// page is one page with one hold, its host, and what is known of its state at
// the homeserver.
type page struct {
	w      *world
	client *future.Client
	timer  int32 // of the wake-up that counts
	steady bool  // it hears of the room's events
	asked  bool  // its host has asked for its capabilities
	wanted []string

	status  future.KeepStatus
	settled bool
	failed  string // why the hold ended

	leaves  int32 // number of the delayed event that its state waits for; 0: none
	inRoom  bool  // the state, rather than its leave
	event   int32 // the latest of the state
	fired   int   // leaves that went out by themselves
	losses  int   // that it was told of
	toldAt  float64
	againAt float64 // when the state was in the room again
}

// request is a message of a page to its host, and what became of it.
type request struct {
	page    *page
	serial  int32
	action  protocol.Value
	what    what
	delay   float64
	id      int32  // of the delayed event
	made    int32  // delayed event or event
	refusal string // "": it succeeded
	status  int    // of the homeserver; 0: none was relayed
	errcode string
}

// what tells requests apart.
type what uint8

const (
	other what = iota
	versions
	loaded
	schedule
	state
	restart
	end // cancel or send
)

var hostVersions = []string{
	"0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2762_update_state",
	protocol.VersionNotify, protocol.VersionRenegotiate,
}

// open begins the page and its hold.
func (p *page) open() {
	cfg := future.Config{
		RoomID: words[roomID], ProbeAction: probeAction, Seed: p.w.draws.unit(),
		Session: session.Config{
			WidgetID: words[widgetID], HostKnown: true, DeadlineMs: deadlineMs, HandshakeMs: handshakeMs,
			Capabilities: []string{protocol.CapSendState + stateType, protocol.CapReceiveState + stateType},
		},
	}
	p.client = future.New(cfg)
	p.input(p.client.Open)
	args := holdArgs(p.w.set)
	p.input(func(now session.Now) { p.client.Call(now, future.HoldState, holdCall, args) })
}

// input gives the client an input and carries out what it asks for.
func (p *page) input(do func(session.Now)) {
	p.client.Reset()
	do(session.Now{Mono: p.w.now, Wall: epoch + p.w.now})
	wake := math.NaN()
	for _, e := range p.client.Effects {
		switch e.Op {
		case session.Post:
			p.post(e.ID, p.client.Fields(e))
		case session.Deliver:
			if list, ok := protocol.Texts(p.client.Fields(e), protocol.RespCapabilities); ok {
				p.wanted = append([]string(nil), list...)
				p.w.after(hop(p.w), event{kind: message, page: p, arg: int32(protocol.ActNotifyCapabilities)})
			}
		case session.Wake:
			wake = e.At
		case session.Settle:
			p.settled = p.settled || e.ID == holdCall
		case session.Fail:
			p.failed = protocol.Get(p.client.Fields(e), protocol.Message).Str
		case session.Kept:
			p.stands(future.KeepStatus(protocol.Get(p.client.Fields(e), protocol.Status).Num))
		case session.Over:
			p.failed = "the hold is over"
		case session.Steady:
			p.steady = e.ID == 1
		}
	}
	if !math.IsNaN(wake) {
		p.timer++
		if !math.IsInf(wake, 1) {
			p.w.at(wake, event{kind: tick, page: p, arg: p.timer})
		}
	}
}

func (p *page) stands(status future.KeepStatus) {
	if status == future.Lost && p.status != future.Lost {
		p.losses++
		p.toldAt = p.w.now
	}
	p.status = status
}

// hop is a message's way between page and host.
func hop(w *world) float64 { return w.draws.between(1, 4) }

// leg is a request's way between host and homeserver, or back.
func leg(w *world) float64 { return w.draws.between(15, 80) }

// post takes a request of the page to its host, who answers it or asks the
// homeserver.
func (p *page) post(serial int32, fields []protocol.Field) {
	r := p.w.request()
	r.page, r.serial = p, serial
	update, named := "", true
	for _, f := range fields {
		switch f.Path {
		case protocol.Action:
			r.action = f.Value
		case protocol.DataDelay:
			r.delay = f.Num
		case protocol.DataDelayID:
			if named = f.Str != ""; named {
				r.id = numberOf(f.Str)
			}
		case protocol.DataAction:
			update = f.Str
		}
	}
	switch r.action.Str {
	case protocol.ActSendEvent.String():
		if r.what = state; r.delay > 0 {
			r.what = schedule
		}
	case protocol.ActUpdateDelayed.String():
		switch r.what = end; {
		case !named:
			r.what, r.refusal = other, "Invalid request - missing delay_id"
		case update == protocol.Refresh.Update().String():
			r.what = restart
		}
	case protocol.ActSupportedVersions.String():
		r.what = versions
	case protocol.ActContentLoaded.String():
		r.what = loaded
	default:
		r.what, r.refusal = other, "Unknown or unsupported action: "+r.action.Str
	}
	if r.what >= schedule {
		p.w.after(hop(p.w)+leg(p.w), event{kind: arrive, page: p, req: r})
		return
	}
	if r.what == loaded && !p.asked {
		p.asked = true
		p.w.after(hop(p.w), event{kind: message, page: p, arg: int32(protocol.ActCapabilities)})
	}
	p.w.after(2*hop(p.w), event{kind: answer, page: p, req: r})
}

// told takes a request of the host.
func (p *page) told(action protocol.Name) {
	m := p.w.hostRequest(action)
	if action == protocol.ActNotifyCapabilities {
		m = protocol.AppendTexts(m, protocol.DataRequested, p.wanted)
		m = protocol.AppendTexts(m, protocol.DataApproved, p.wanted)
	}
	p.w.inbox = m
	p.input(func(now session.Now) { p.client.Receive(now, m) })
}

// answered takes an answer of the host. A refresh that the homeserver answers
// with "not found" must be reported as a loss in the same breath.
func (p *page) answered(r *request) {
	before := p.losses
	m := p.w.answerFields(r)
	p.input(func(now session.Now) { p.client.Receive(now, m) })
	if r.what == restart && r.status == 404 && p.leaves == 0 && p.losses == before && p.status != future.Lost {
		p.w.unreported++
	}
}
