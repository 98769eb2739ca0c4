package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const (
	own   = "@u:example.org" // of key
	other = "@moderator:example.org"
)

// told is an event as a host tells of it.
func told(sender, eventID string, members ...any) message {
	return with(message{
		"type": member, "state_key": key, "room_id": room, "sender": sender, "event_id": eventID,
		"content": message{}, "origin_server_ts": 5, "unsigned": message{},
	}, members...)
}

// channels are the ways a host tells of a state event, ours among others.
var channels = map[string]func(p *page, e message){
	"send_event":   func(p *page, e message) { p.request("send_event", e) },
	"update_state": func(p *page, e message) { p.request("update_state", message{"state": []any{e}}) },
	"update_state of many": func(p *page, e message) {
		p.request("update_state", message{"state": []any{
			told(other, "$1", "state_key", "elsewhere"), "x", nil, e, told(other, "$2", "type", "m.room.topic"),
		}})
	},
}

// echoed is a hold that has heard of its own state: from here on it knows who
// it is, that what it hears is no older, and that it hears.
func (p *page) echoed(options ...any) int32 {
	p.t.Helper()
	call := p.held(options...)
	p.echo()
	return call
}

// echo tells of the state that was sent last.
func (p *page) echo() {
	p.t.Helper()
	states := p.all("state")
	p.request("send_event", told(own, "$s"+itoa(int32(len(states))), "state_key", states[len(states)-1].data["state_key"]))
}

// inEchoed runs a test in both families, with such a hold.
func inEchoed(t *testing.T, test func(p *page, call int32)) {
	t.Helper()
	inFamilies(t, func(p *page) { test(p, p.echoed()) })
}

// inChannels runs a test with a hold for each way of telling, in both families.
func inChannels(t *testing.T, test func(p *page, call int32, tell func(e message))) {
	t.Helper()
	for name, tell := range channels {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.echoed()
				test(p, call, func(e message) { p.t.Helper(); tell(p, e) })
			})
		})
	}
}

func TestStateWrittenByAnotherDisplacesTheHoldWhichFightsNobody(t *testing.T) {
	inChannels(t, func(p *page, call int32, tell func(message)) {
		tell(told(other, "$kick"))
		p.stands(call, "displaced")
		p.run(20*timeout, p.willing)
		p.sees("cancel sec1")
		p.ends(call, "displaced")
	})
}

func TestDisplacedHoldTriesToCancelItsLeaveUntilItIsGone(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		p.request("send_event", told(other, "$kick"))
		p.refuse("cancel", reply{status: 502})
		p.until("cancel")
		p.grant("cancel")
		p.ends(call, "displaced")
	})
}

func TestDisplacedHoldCancelsALeaveThatIsBeingScheduled(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		p.reply(p.until("refresh"), spent)
		schedule := p.of("schedule")
		p.request("send_event", told(other, "$kick"))
		p.seen = len(p.sent)
		p.reply(schedule, p.receipt(schedule, 2))
		p.run(timeout, p.willing)
		p.sees("cancel sec2")
		p.ends(call, "displaced")
	})
}

func TestStateOfOtherKeysTypesAndRoomsIsNobodysBusiness(t *testing.T) {
	inChannels(t, func(p *page, call int32, tell func(message)) {
		for _, e := range []message{
			told(other, "$x", "type", "m.room.member"),
			told(other, "$x", "state_key", own),
			told(other, "$x", "state_key", nil),
			told(other, "$x", "room_id", "!other:example.org"),
			told(other, "$x", "sender", nil),
			told(other, "$x", "sender", 5),
			told("", "$x"),
			{},
			told(own, "$s1"), // our own, as the host echoes it
			told(own, "$s1"),
		} {
			tell(e)
			if p.stands(call, "held"); len(p.sent) > p.seen {
				p.t.Fatalf("%v: sent %s", e, p.script(p.seen))
			}
		}
	})
}

func TestOwnLeaveSeenInTheRoomIsScheduledAnewFirstThenTheStateIsSent(t *testing.T) {
	inChannels(t, func(p *page, call int32, tell func(message)) {
		tell(told(own, "$leave"))
		p.sees("refresh sec1") // was it the leave, or only something old?
		p.refuse("refresh", spent)
		p.stands(call, "lost")
		p.sees("schedule")
		p.skip(50)
		p.grant("schedule")
		if p.pending("state") == nil {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.grant("state")
		if p.of("refresh").id != "sec2" {
			p.t.Fatalf("sent %s", p.script(0))
		}
		p.grant("refresh")
		p.stands(call, "held")
		p.run(100, p.willing)
		tell(told(own, "$leave")) // hosts tell twice
		p.run(5*timeout, p.willing)
		if len(p.news("state")) != 1 || len(p.news("schedule")) != 0 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestStateThatIsOverwrittenInOurNameWhileTheLeaveIsThereIsSentAgain(t *testing.T) {
	inChannels(t, func(p *page, call int32, tell func(message)) {
		tell(told(own, "$leave")) // of a stray that nobody knows of
		p.grant("refresh")
		if status := p.keeps[call].status(); status == "held" {
			p.t.Fatal("held while the leave is in the room")
		}
		p.run(5*timeout, p.willing)
		p.stands(call, "held")
		p.none("schedule")
		p.wrote(1)
	})
}

func TestOwnSenderIsLearntFromTheEchoOfOurState(t *testing.T) {
	for _, first := range []string{"receipt", "echo"} {
		inFamilies(t, func(p *page) {
			call := p.hold("stateKey", "room")
			echo := told("@me:elsewhere.org", "$s1", "state_key", "room")
			p.grant("schedule")
			if first == "receipt" {
				p.grant("state", "refresh")
				p.request("send_event", echo)
			} else {
				p.request("send_event", echo)
				p.grant("state", "refresh")
			}
			p.stands(call, "held")
			p.request("send_event", told("@me:elsewhere.org", "$leave", "state_key", "room"))
			p.refuse("refresh", spent)
			p.stands(call, "lost")
			p.recovers(call)
			p.request("send_event", told(other, "$kick", "state_key", "room"))
			p.stands(call, "displaced")
		})
	}
}

func TestEchoThatComesBeforeItsReceiptIsNoOverwriting(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.grant("schedule")
		p.request("send_event", told(own, "$s1"))
		p.grant("state", "refresh")
		k := p.stands(call, "held")
		p.call(UpdateHold, message{"hold": call, "content": message{"n": 2}})
		p.request("update_state", message{"state": []any{told(own, "$s2")}})
		p.stands(call, "held")
		p.grant("state", "refresh")
		p.run(timeout, p.willing)
		if p.stands(call, "held"); len(k.armed) != 1 {
			p.t.Fatalf("armed %v, %v", k.armed, k.log)
		}
	})
}

func TestWhatWasInTheRoomBeforeTheStateWasSentIsNoDisplacement(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.request("update_state", message{"state": []any{told(other, "$before"), told(own, "$yesterday")}})
		p.grant("schedule")
		p.grant("state", "refresh")
		p.succeeds(call)
		if k := p.stands(call, "held"); len(k.armed) != 1 {
			p.t.Fatalf("armed %v", k.armed)
		}
	})
}

// Hosts push the state they had when the capabilities were approved at a moment
// of their own: it may come after our receipt, but never after our echo.
func TestWhatIsHeardBeforeTheEchoMayBeOldAndDisplacesNobody(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.request("update_state", message{"state": []any{told(other, "$old"), told(own, "$yesterday")}})
		p.run(3000, p.willing)
		p.request("update_state", message{"state": []any{told(own, "$s1")}})
		p.run(timeout, p.willing)
		if k := p.stands(call, "held"); len(k.armed) != 1 || len(p.news("state")) > 0 {
			p.t.Fatalf("armed %v, sent %s", k.armed, p.script(p.seen))
		}
		p.request("send_event", told(other, "$kick"))
		p.stands(call, "displaced")
	})
}

func TestKickInTheSameBreathAsTheEchoDisplaces(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.request("update_state", message{"state": []any{told(own, "$s1"), told(other, "$kick")}})
		p.stands(call, "displaced")
	})
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.grant("schedule") // both come before the receipt
		p.request("send_event", told(own, "$s1"))
		p.request("send_event", told(other, "$kick"))
		p.seen = len(p.sent)
		p.grant("state")
		p.fails(call, "spent", "displaced")
		p.run(20000, p.willing)
		p.gaveUp(call)
		if len(p.news("state")) > 0 {
			p.t.Fatalf("sent %s", p.script(0))
		}
	})
}

func TestKickDuringARearmIsNotOverwritten(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		p.pass(timeout)
		p.refuse("refresh", spent)
		schedule := p.until("schedule")
		p.request("send_event", told(other, "$kick"))
		p.stands(call, "displaced")
		p.seen = len(p.sent)
		p.reply(schedule, p.receipt(schedule, 2))
		p.run(10*timeout, p.willing)
		p.none("state")
	})
}

func TestKickOfAHoldWithoutAFutureDisplacesItToo(t *testing.T) {
	p := negotiated(t, protocol.None, everything)
	call := p.hold("withoutFuture", true)
	p.grant("state")
	p.request("send_event", told(own, "$s1"))
	p.seen = len(p.sent)
	p.request("send_event", told(other, "$kick"))
	p.ends(call, "displaced")
	p.pass(10 * timeout)
	p.sees("")
}

func TestReleaseAndUpdateOfADisplacedHoldPostNothing(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		p.request("send_event", told(other, "$kick"))
		p.grant("cancel")
		p.ends(call, "displaced")
		p.seen = len(p.sent)
		p.call(UpdateHold, message{"hold": call, "content": message{}})
		p.call(ReleaseHold, message{"hold": call})
		p.pass(timeout)
		p.sees("")
		delete(p.open, 0)
		if len(p.open) > 0 {
			p.t.Fatalf("never settled: %v", p.open)
		}
	})
}

func TestUpdateThatWaitsWhileTheHoldIsDisplacedFails(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		update := p.call(UpdateHold, message{"hold": call, "content": message{"n": 2}})
		p.request("send_event", told(other, "$kick"))
		p.run(timeout, p.willing)
		if o, ended := p.ended[update]; !ended {
			p.t.Fatal("never settled")
		} else if !o.ok && o.code() == "" {
			p.t.Fatalf("settled with %v", o)
		}
		p.ends(call, "displaced")
	})
}
