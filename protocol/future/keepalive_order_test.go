package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// A refresh that waited behind a page's own calls would be one slow request
// that delays the next.
func TestRefreshesGoBeforeWhatWaits(t *testing.T) {
	p := negotiated(t, protocol.Delayed, everything, func(c *Config) { c.Session.MaxInFlight = 2 })
	for range 20 {
		p.call(SendEvent, event)
	}
	p.seen = len(p.sent)
	call := p.keepAlive("sec7", timeout, "expiresAt", nil)
	p.sees("refresh sec7")
	p.grant("refresh")
	p.stands(call, "alive")
	p.sees("")
}

func TestHoldIsNotHeldUpByCallsThatWait(t *testing.T) {
	p := trusted(t, protocol.Delayed, func(c *Config) { c.Session.MaxInFlight = 2 })
	for range 20 {
		p.call(SendEvent, event)
	}
	p.posts, p.sent = nil, nil // nobody answers them
	call := p.hold()
	p.recovers(call)
	release := p.release(call)
	p.run(1000, p.willing)
	p.succeeds(release)
}

func TestWhatIsUrgentExceedsTheLimitByThreeAndThenWaitsBeforeTheRest(t *testing.T) {
	p := negotiated(t, protocol.Delayed, everything, func(c *Config) { c.Session.MaxInFlight = 2 })
	for range 20 {
		p.call(SendEvent, event)
	}
	p.seen = len(p.sent)
	for _, id := range []string{"sec1", "sec2", "sec3", "sec4", "sec5"} {
		p.keepAlive(id, timeout, "expiresAt", nil)
	}
	p.sees("refresh sec1, refresh sec2, refresh sec3")
	p.grant("state")
	p.sees("refresh sec4")
	p.grant("state")
	p.sees("refresh sec5")
	p.grant("refresh", "refresh", "refresh")
	p.sees("")
	p.grant("refresh")
	p.sees("state")
}

func TestHoldThatIsGivenUpBeforeItHadAPlacePostsNothing(t *testing.T) {
	p := trusted(t, protocol.Delayed, func(c *Config) { c.Session.MaxInFlight = 1 })
	for _, id := range []string{"sec5", "sec6", "sec7", "sec8", "sec9"} {
		p.keepAlive(id, timeout, "expiresAt", nil)
	}
	call := p.hold(leftContent...)
	p.abort(call)
	p.run(20000, p.willing)
	p.gaveUp(call)
	p.none("schedule", "state", "send", "cancel")
}

func TestDisplacedHoldTakesBackAStateThatWaits(t *testing.T) {
	p := trusted(t, protocol.Delayed, func(c *Config) { c.Session.MaxInFlight = 1 })
	call := p.echoed()
	for _, id := range []string{"sec5", "sec6", "sec7", "sec8"} {
		p.keepAlive(id, timeout, "expiresAt", nil)
	}
	update := p.update(call, 2)
	p.none("state")
	p.request("send_event", told(other, "$kick"))
	p.stands(call, "displaced")
	p.fails(update, "spent", "displaced")
	p.run(20000, p.willing)
	p.none("state")
	p.ends(call, "displaced")
}

func TestProofOfAStateMayExceedTheOverlap(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.until("refresh")
		p.pass(8500) // three young ones that nobody has answered
		p.update(call, 2)
		n := len(p.sent)
		p.grant("state")
		if got := p.script(n); got != "refresh sec1" {
			p.t.Fatalf("sent %q", got)
		}
	})
}
