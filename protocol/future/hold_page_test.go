package future

import (
	"slices"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const server = "https://hs.example.org"

// beacons lists where they went since the last look.
func (p *page) beacons() (urls []string) {
	for _, s := range p.news("beacon") {
		urls = append(urls, s.url)
	}
	return urls
}

func TestDyingPageLeavesByEveryPathThereIs(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.held()
		p.happens(PageHidden)
		if !p.c.Dialect().Tokens() {
			p.sameSet("beacon, send sec1")
			if got := p.beacons(); got[0] != server+"/_matrix/client/unstable/org.matrix.msc4140/delayed_events/sec1/send" {
				p.t.Fatalf("beacon to %v", got)
			}
			return
		}
		p.sees("beacon")
		p.seen = 0
		if got := p.beacons(); got[0] != server+"/_matrix/client/v3/future/sec1-send" {
			p.t.Fatalf("beacon to %v", got)
		}
	})
}

// sameSet is sees whatever the order.
func (p *page) sameSet(want ...string) {
	p.t.Helper()
	var got []string
	for _, s := range p.sent[p.seen:] {
		got = append(got, (&page{sent: []*sent{s}}).script(0))
	}
	slices.Sort(got)
	if joined := strings.Join(got, ", "); joined != want[0] {
		p.t.Fatalf("sent %q, want %q", joined, want[0])
	}
}

func TestDyingPageLeavesForEachOfItsHolds(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.held()
		p.hold("stateKey", "b")
		p.grant("schedule", "state", "refresh")
		p.hold("stateKey", "c", "leaveOnPageHide", false)
		p.grant("schedule", "state", "refresh")
		p.seen = len(p.sent)
		p.happens(PageHidden)
		if got := p.beacons(); len(got) != 2 {
			p.t.Fatalf("beacons to %v", got)
		}
		for _, s := range p.news("send") {
			if s.id == "sec3" {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
		}
	})
}

func TestLeaveOnPageHideCanBeSwitchedOff(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held("leaveOnPageHide", false)
		p.happens(PageHidden)
		p.sees("")
		p.skip(5000)
		p.happens(PageBack)
		p.run(5000, p.willing)
		p.stands(call, "held")
		p.none("state", "schedule")
	})
}

func TestDyingPageWithoutAHomeserverLeavesThroughTheHost(t *testing.T) {
	p := proved(t, everything)
	p.sent = nil
	p.held()
	p.happens(PageHidden)
	p.sees("send sec1")
}

func TestDyingPageWithoutAFutureWritesTheLeave(t *testing.T) {
	for _, more := range []func(*Config){withServer, func(*Config) {}} {
		p := negotiated(t, protocol.None, everything, more)
		p.hold(append(leftContent, "withoutFuture", true)...)
		p.grant("state")
		p.seen = len(p.sent)
		p.happens(PageHidden)
		p.left()
	}
}

func TestBeaconNeverLeavesItsPath(t *testing.T) {
	for id, want := range map[string]string{
		"a/../b?c#d": server + "/_matrix/client/unstable/org.matrix.msc4140/delayed_events/a%2F..%2Fb%3Fc%23d/send",
		"..":         "", ".": "",
	} {
		p := trusted(t, protocol.Delayed)
		p.hold()
		p.refuse("schedule", reply{status: 200, body: message{"room_id": room, "delay_id": id}})
		p.grant("state", "refresh")
		p.seen = len(p.sent)
		p.happens(PageHidden)
		if got := p.beacons(); len(got) > 1 || want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: beacon to %v", id, got)
		}
		if p.pending("send") == nil {
			t.Errorf("%q: sent %s", id, p.script(p.seen))
		}
	}
}

func TestPageThatComesBackArmsAnewAndSendsItsState(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.happens(PageHidden)
		p.skip(60000) // frozen
		p.seen = len(p.sent)
		p.happens(PageBack)
		s := p.of("schedule")
		if len(p.news("state")) > 0 {
			p.t.Fatalf("sent %s before the new leave", p.script(p.seen))
		}
		p.reply(s, p.receipt(s, 2))
		p.of("state")
		p.run(3*timeout, p.willing)
		k := p.stands(call, "held")
		if len(k.armed) != 2 || len(p.news("state")) != 1 || len(p.news("schedule")) != 1 {
			p.t.Fatalf("armed %v, sent %s", k.armed, p.script(p.seen))
		}
		for _, s := range p.news("refresh") {
			if s.id != "sec2" {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
		}
	})
}

func TestPageThatComesBackAgainAndAgainIsNeverAFailure(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		for range 8 {
			p.happens(PageHidden)
			p.skip(1000)
			p.happens(PageBack)
			p.recovers(call)
		}
	})
}

func TestHiddenPageThatLivesOnSendsNeitherStateNorRefresh(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.echoed()
		p.happens(PageHidden)
		p.seen = len(p.sent)
		p.request("send_event", told(own, "$leave"))
		p.run(3*timeout, p.willing)
		p.none("state", "schedule", "refresh")
	})
}

func TestAnswersToTheLastWordsEndNothing(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.happens(PageHidden)
		p.run(1000, p.willing)
		if k := p.keeps[call]; k.over || k.status() == "released" {
			p.t.Fatalf("statuses %v", k.log)
		}
		p.happens(PageBack)
		p.recovers(call)
	})
}

func TestHoldThatIsOverOrReleasedHasNoLastWords(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.release(call)
		p.grant("send")
		p.seen = len(p.sent)
		p.happens(PageHidden)
		p.happens(PageBack)
		p.run(1000, p.willing)
		p.sees("")
	})
}

func TestPageThatDiesWhileItsHoldIsReleasedStillLeaves(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.happens(PageHidden)
		if got := p.beacons(); len(got) != 1 {
			p.t.Fatalf("beacons to %v", got)
		}
		p.happens(PageBack)
		p.run(20000, p.willing)
		p.released(call, release)
	})
}

func TestPageThatDiesWhileItsHoldStartsLeaves(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.grant("schedule") // the state is on its way
		p.seen = len(p.sent)
		p.happens(PageHidden)
		p.sees("state") // and the leave's own timer runs: the state may land behind this one
		p.skip(3000)
		p.happens(PageBack)
		p.run(5000, p.willing)
		p.succeeds(call)
		p.stands(call, "held")
		states := 0
		for _, s := range p.news("state") {
			if len(s.data["content"].(message)) > 0 {
				states++
			}
		}
		if states == 0 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestKeepAliveOfADyingPageIsNeitherSentNorEnded(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout)
		p.happens(PageHidden)
		p.skip(60000)
		p.happens(PageBack)
		p.sees("refresh sec7") // and nothing before it
		p.grant("refresh")
		p.stands(call, "alive")
	})
}

func TestCallsOfAHiddenPageEndInTime(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		before := p.update(call, 2)
		p.happens(PageHidden)
		calls := []int32{before, p.update(call, 3), p.release(call)}
		p.run(20000, silent)
		for _, id := range calls {
			if _, ended := p.ended[id]; !ended {
				p.t.Errorf("%s is never settled", p.open[id])
			}
		}
	})
}

func TestStartOfAHiddenPageEndsInTime(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			call := p.hold()
			p.grant(granted...)
			p.happens(PageHidden)
			p.run(20000, silent)
			if _, ended := p.ended[call]; !ended {
				p.t.Error("it is never settled")
			}
		})
	}
}
