package future

import "testing"

// after is a hold whose state was there already, of an earlier page; the host tells
// of that one before the hold begins, or then.
func (p *page) after(before bool) (call int32) {
	p.t.Helper()
	x := told(own, "$x")
	again := reply{status: 200, body: message{"room_id": room, "event_id": "$x"}}
	if before { // the host has told of it before there was a hold
		p.before = x
		call = p.hold()
	} else {
		call = p.hold()
		p.request("update_state", message{"state": []any{x}})
	}
	p.grant("schedule")
	p.refuse("state", again) // equal state is not written again
	p.grant("refresh")
	p.stands(call, "held")
	p.seen = len(p.sent)
	return call
}

func TestLeaveOfAnEarlierPageWhoseStateWasTakenForOursIsRepairedWhenToldOf(t *testing.T) {
	for _, before := range []bool{true, false} {
		inFamilies(t, func(p *page) {
			call := p.after(before)
			p.pass(1000)
			p.request("send_event", told(own, "$leave"))
			if p.keeps[call].status() == "held" {
				p.t.Fatal("held, and the leave is in the room")
			}
			p.sees("refresh sec1")
			p.grant("refresh")
			p.wrote(1)
			p.grant("state", "refresh")
			p.stands(call, "held")
		})
	}
}

func TestLeaveOfAnEarlierPageIsRepairedAlsoWhereTheHostToldOfNothingBefore(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.grant("schedule")
		p.refuse("state", reply{status: 200, body: message{"room_id": room, "event_id": "$x"}})
		p.grant("refresh")
		p.seen = len(p.sent)
		p.pass(1000)
		p.request("send_event", told(own, "$leave"))
		p.run(timeout/perTimeout, p.willing)
		p.wrote(1)
		p.stands(call, "held")
	})
}

func TestLeaveOfAnEarlierPageIsRepairedWhereTheHostTellsNothing(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.run(timeout-1000, p.willing)
		p.none("state")
		p.run(1000+landingMs, p.willing)
		p.wrote(1)
		p.stands(call, "held")
		p.seen = len(p.sent)
		p.run(5*timeout, p.willing)
		p.none("state")
	})
}

func TestWhoWeAreIsKnownFromThePageUntilTheRoomShowsAnother(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.c.self = own
		call := p.held()
		p.request("send_event", told(other, "$kick"))
		p.run(timeout/perTimeout, p.willing)
		p.stands(call, "displaced")
	})
	inFamilies(t, func(p *page) {
		p.c.self = "@nobody:example.org"
		call := p.echoed()
		p.request("send_event", told(own, "$leave"))
		p.run(1000, p.willing)
		p.stands(call, "held")
		p.wrote(1)
	})
}

func TestUpdateWhileTheLeaveMayHaveGoneOutWaitsForProof(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.run(timeout+1000, silent)
		p.stands(call, "maybeExpired")
		p.seen = len(p.sent)
		update := p.update(call, 2, "deadlineMs", 2*timeout)
		p.sees("refresh sec1")
		p.refuse("refresh", spent)
		p.until("schedule") // after an outage at a time of its own
		p.none("state")
		p.grant("schedule")
		p.says(2)
		p.grant("state")
		p.succeeds(update)
		p.grant("refresh")
		p.stands(call, "held")
	})
	inHeld(t, func(p *page, call int32) {
		p.now.Wall += timeout
		p.seen = len(p.sent)
		p.update(call, 2)
		p.sees("refresh sec1")
		p.grant("refresh")
		p.says(2)
	})
}

func TestSecondUpdateWaitsUntilTheFirstIsKnownNotToHaveCostTheLeave(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.update(call, 2)
		p.update(call, 3)
		p.grant("state")
		p.seen = len(p.sent)
		p.update(call, 4)
		p.none("state")
		p.grant("refresh")
		p.says(4)
	})
}

func TestDyingPageWritesTheLeaveTooWhereItsFutureMayBeSpent(t *testing.T) {
	for name, spend := range map[string]func(p *page, call int32){
		"by the clock":              func(p *page, call int32) { p.run(timeout+1000, silent) },
		"by the wall clock":         func(p *page, call int32) { p.now.Wall += timeout },
		"by a state under way":      func(p *page, call int32) { p.update(call, 2) },
		"by a state not yet proved": func(p *page, call int32) { p.update(call, 2); p.grant("state") },
		"by what is told":           func(p *page, call int32) { p.request("send_event", told(own, "$leave")) },
	} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.echoed(leftContent...)
				spend(p, call)
				p.seen = len(p.sent)
				p.happens(PageHidden)
				beacons := 1
				if p.pending("state") != nil && name == "by a state under way" {
					beacons = 0 // it may land behind the goodbye, and goes by the leave's timer then
				}
				if states := p.news("state"); len(states) != 1 || states[0].says("left") != true || len(p.news("beacon")) != beacons {
					p.t.Fatalf("sent %s", p.script(p.seen))
				}
			})
		})
	}
}

func TestSendThatIsAcknowledgedProvesNothingWhereTheLeaveMayHaveFiredBefore(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held(leftContent...)
		p.update(call, 2)
		state := p.of("state")
		p.pass(timeout + 1000) // the leave fires, and then the state is in the room
		p.reply(state, p.receipt(state, 2))
		p.seen = len(p.sent)
		release := p.release(call)
		p.grant("send") // 200: it was sent, some time ago
		p.unsettled(release)
		p.seen++
		p.left()
		p.grant("state")
		p.released(call, release)
	})
}

func TestConflictOfARefreshWhileTheLeaveIsSentEndsNothing(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held(leftContent...)
		p.update(call, 2)
		p.grant("state")
		refresh := p.of("refresh")
		release := p.release(call)
		p.reply(refresh, reply{status: 409})
		p.unsettled(release)
		p.now.Wall += timeout
		p.grant("send")
		p.unsettled(release)
		p.grant("state")
		p.released(call, release)
	})
}

func TestJoinedStateIsNeverLongWithoutAnAttemptToProtectIt(t *testing.T) {
	full := reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1200000}}
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent)
		at := p.now.Mono
		for range 4 {
			p.reply(p.until("schedule"), full)
			p.between("the attempt", p.now.Mono-at, 0, timeout)
			at = p.now.Mono
			if k := p.stands(call, "lost"); k.last["errcode"] != "M_LIMIT_EXCEEDED" {
				p.t.Fatalf("lost with %v", k.last)
			}
		}
		p.until("schedule")
		p.grant("schedule")
		p.stands(call, "held")
	})
}

func TestHoldThatMayDoWithoutAFutureStaysWhereItsLeaveCannotBeRefreshed(t *testing.T) {
	unknown := errcode(404, "M_UNRECOGNIZED")
	inFamilies(t, func(p *page) {
		call := p.hold("withoutFuture", true)
		p.run(timeout-1, p.but("refresh", &unknown))
		why := p.keeps[call].failed() // from when it does without
		p.run(3*timeout, p.but("refresh", &unknown))
		p.succeeds(call)
		k := p.stands(call, "held")
		if k.expiresAt != 0 || len(p.news("cancel")) != 1 || p.keeps[call].over {
			p.t.Fatalf("%v, sent %s", k.last, p.script(0))
		}
		for _, s := range p.all("state") {
			if s.says("n") != 1.0 {
				p.t.Fatalf("sent %v", s.data)
			}
		}
		if why != "unsupported" {
			p.t.Fatalf("it does not say why: %v", k.last)
		}
	})
}

func TestLimitThatIsLoweredInMidCallShortensTheTimeout(t *testing.T) {
	tooLong := reply{status: 400, body: message{
		"errcode": "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE", "error": "The requested delay exceeds the allowed maximum (9000)",
	}}
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent)
		p.refuse("schedule", tooLong)
		p.grant("schedule")
		if k := p.stands(call, "held"); k.timeout != 9000 {
			p.t.Fatalf("in force: %v", k.timeout)
		}
	})
}

func TestLeaveIsCancelledOnlyWhileAnotherIsKnownToBeScheduled(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, stray := p.straying()
		p.reply(stray, p.receipt(stray, 9))
		p.refuse("cancel", limit(12000))
		p.reply(p.until("refresh"), spent)
		schedule := p.of("schedule")
		p.seen = len(p.sent)
		p.pass(9000) // now the earlier one is the only one there is
		p.none("cancel")
		p.reply(schedule, p.receipt(schedule, 3))
		if p.of("cancel").id != "sec9" {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.grant("cancel")
		p.stands(call, "held")
	})
}

func TestHoldThatGivesUpBeforeItWroteLeavesForTheOneWhosePlaceItTook(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.held(leftContent...)
		call := p.hold(leftContent...)
		p.seen = len(p.sent)
		p.abort(call)
		p.run(1000, p.willing)
		if states, sends := p.news("state"), p.news("send"); len(states)+len(sends) == 0 {
			p.t.Fatalf("the earlier state stands: sent %s", p.script(p.seen))
		}
	})
}

func TestSendThatIsAcknowledgedProvesNothingWhereTheStateWasNotProvedSince(t *testing.T) {
	inFamilies(t, func(p *page) { // somebody else, as a call's delegate, may have sent it
		call := p.held(leftContent...)
		p.update(call, 2)
		p.grant("state")
		p.refuse("refresh", errcode(500, "M_UNKNOWN"))
		p.seen = len(p.sent)
		release := p.release(call)
		p.grant("send")
		p.unsettled(release)
		p.seen++
		p.left()
		p.grant("state")
		p.released(call, release)
	})
}

func TestStateOfAnotherThatNobodyTellsOfIsNotFoughtForTheSakeOfAnEarlierPage(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent) // before its time, as by a moderator's state
		p.seen = len(p.sent)
		p.run(3*timeout, p.willing)
		p.none("state")
		p.stands(call, "held")
	})
}

func TestHoldThatDoesWithoutIsHeldAlthoughNobodySaidWhetherALeaveWasScheduled(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold("withoutFuture", true)
		p.run(12000, p.but("schedule", &reply{status: 0}))
		p.succeeds(call)
		p.run(3*timeout, p.but("schedule", &reply{status: 0}))
		if k := p.stands(call, "held"); len(k.log) != 1 {
			p.t.Fatalf("it was %v", k.log)
		}
	})
}
