package main

// mutation is one way to break the core.
type mutation struct {
	name     string
	file     string
	old, new string   // old stands once in the file
	caughtBy []string // the invariants that may catch it, or the program of the test
	finder   string   // the program that looks for it: inSoak, or another and its test
}

const (
	inFuture  = "protocol/future/"
	inSession = "protocol/session/"

	inSoak = "soak"
)

// mutations are all of them.
var mutations = append(general, ofHolds...)

// general are faults that somebody could make.
var general = []mutation{
	{
		"a host that is silent on one leg of the probe counts as proved", inFuture + "probe.go",
		"case real.silent || random.silent:", "case false:",
		[]string{"never-early"},
		inSoak,
	},
	{
		"futures are posted without a probe", inFuture + "schedule.go",
		"!(c.probe.known && c.probe.action == row.Update)", "false",
		[]string{"never-early"},
		inSoak,
	},
	{
		"a host that sent a future at once is asked for more", inFuture + "schedule.go",
		"	c.refused = true\n", "",
		[]string{"never-early"},
		inSoak,
	},
	{
		"a future that is gone is a transient failure", inFuture + "retry.go",
		"	case protocol.CodeSpent:\n		return gone\n", "	case protocol.CodeSpent:\n		return transient\n",
		[]string{"held-protected"},
		inSoak,
	},
	{
		"the state goes out before its leave is scheduled", inFuture + "hold.go",
		"	case h.present == nil && !h.unprotected: // protect",
		"	case h.dirty && !h.state.posted && a.due(h.state.at):\n		return writeState, nil, a.at\n	case h.present == nil && !h.unprotected: // protect",
		[]string{"leave-first", "protected-before-written"},
		inSoak,
	},
	{
		"the state is not sent again after its leave fired", inFuture + "hold_leaves.go",
		"	if fired && h.place.writes > 0 {\n",
		"	if false {\n",
		[]string{"held-in-room"},
		inSoak,
	},
	{
		"a leave of an attempt without an answer is not repaired", inFuture + "hold_leaves.go",
		"		h.dirty = h.dirty || h.place.writes > 0 && !h.end.wanted\n",
		"",
		[]string{"held-in-room"},
		inSoak,
	},
	{
		"an own state is not followed by a refresh", inFuture + "hold.go",
		"		if h.proof.asked < h.proof.doubts && !h.state.posted {\n",
		"		if false {\n",
		[]string{"verified-at-once"},
		inSoak,
	},
	{
		"re-arms are not counted", inFuture + "hold_leaves.go",
		"	return len(recent) < maxRearms\n",
		"	return len(recent) < 1000\n",
		[]string{"no-rearm-storm", "no-request-storm", "displaced-stays-away"},
		inSoak,
	},
	{
		"expiry counts from the answer, not from the post", inFuture + "refresh.go",
		"		k.ticket.postedAt(posted)\n", "		k.ticket.postedAt(session.Now{Mono: posted.Mono + 60, Wall: posted.Wall + 60})\n",
		[]string{"expiry-honest"},
		inSoak,
	},
	{
		"only the monotonic clock tells that a future may have fired", inFuture + "ticket.go",
		"now.Mono >= t.expires.Mono || now.Wall >= t.expires.Wall", "now.Mono >= t.expires.Mono",
		[]string{"expiry-known"},
		inSoak,
	},
	{
		"a refresh that failed waits for the next period", inFuture + "refresh.go",
		"return c.spread(k.everyMs, 0.9, 0.1)", "return c.spread(k.everyMs, 1.3, 0.1)",
		[]string{"refresh-rhythm"},
		inSoak,
	},
	{
		"the plan counts from the answer: a slow one delays the next", inFuture + "refresh.go",
		"		k.replan(now, c.period(k))\n", "		k.nextAt = now.Mono + c.period(k)\n",
		[]string{"refresh-rhythm"},
		inSoak,
	},
	{
		"a 429 is a failure like any other", inFuture + "retry.go",
		"	case e.HTTPStatus == 429 || e.Limited():\n		return limited\n", "	case e.HTTPStatus == 429 || e.Limited():\n		return transient\n",
		[]string{"waits-as-told"},
		inSoak,
	},
	{
		"a server error ends what is kept", inFuture + "retry.go",
		"		return rejected\n	}\n	return transient\n", "		return rejected\n	}\n	return refused\n",
		[]string{"failed-for-cause"},
		inSoak,
	},
	{
		"a timeout above the server's limit is not shortened", inFuture + "hold_limit.go",
		"	if !err.MaybeTooLong() ||",
		"	if true ||",
		[]string{"failed-for-cause"},
		inSoak,
	},
	{
		"another's state does not displace a hold", inFuture + "hold.go",
		"			return giveWay, nil, a.at\n",
		"			return writeAgain, nil, a.at\n",
		[]string{"displaced-stays-away"},
		inSoak,
	},
	{
		"a release whose future is gone writes no leave", inFuture + "hold_release.go",
		"		h.spend(now, false)\n		e.plain = true\n",
		"		h.spend(now, false)\n		h.left(c, now)\n",
		[]string{"release-ends-in-left"},
		inSoak,
	},
	{
		"a stray's cancelling hits the present leave", inFuture + "place.go",
		"	c.postVerb(now, p.holder.keeper, l.ticket, protocol.Cancel)\n",
		"	t := l.ticket\n	if p.holder.ticket != nil {\n		t = p.holder.ticket\n	}\n	c.postVerb(now, p.holder.keeper, t, protocol.Cancel)\n",
		[]string{"held-protected", "own-secrets", "cancel-keeps-one"},
		inSoak,
	},
	{
		"a verb carries another id than was received", inFuture + "verbs.go",
		"protocol.AppendText(c.scratch[:0], protocol.DataDelayID, ", "protocol.AppendText(c.scratch[:0], protocol.DataDelayID, \"x\"+",
		[]string{"own-secrets"},
		inSoak,
	},
	{
		"pagehide sends no message", inFuture + "hold_page.go",
		"		if !t.dialect.Tokens() {\n",
		"		if false {\n",
		[]string{"page-hide-leaves"},
		inSoak,
	},
	{
		"pagehide sends no beacon", inFuture + "hold_page.go",
		"if url := c.beacon(t); url != \"\" {",
		"if url := c.beacon(t); url == \" \" {",
		[]string{"page-hide-leaves"},
		inSoak,
	},
	{
		"a closed session answers the host", inSession + "receive.go",
		"	if s.status == Closed {\n		return Answer{}, false\n	}\n", "",
		[]string{"silent-after-close"},
		inSoak,
	},
	{
		"closing does not release the holds", inFuture + "keepalive.go",
		"			c.releaseHold(now, k.hold, 0, 0)\n", "			k.hold.over = true\n",
		[]string{"release-ends-in-left", "status-order", "silent-after-close"},
		inSoak,
	},
	{
		"a deadline is later than the page was told", inSession + "session.go",
		"	f.due = now.Mono + f.DeadlineMs\n", "	f.due = now.Mono + f.DeadlineMs + 2500\n",
		[]string{"settles-in-time"},
		inSoak,
	},
	{
		"an update is settled when it is posted", inFuture + "hold_state.go",
		"	h.dirty, h.proof.wrote = false, true\n",
		"	h.dirty, h.proof.wrote = false, true\n	for len(h.changes) > 0 {\n		c.settleChange(h, 0, nil)\n	}\n",
		[]string{"held-in-room"},
		inSoak,
	},
	{
		"the late receipt of a future that was given up is not heard", inFuture + "gate.go",
		"		Late: kind == kindFuture ||", "		Late: kind == kindFuture && p.owner > 0 ||",
		[]string{"orphan-told"},
		inSoak,
	},
	{
		"a stopped keepAlive goes on", inFuture + "keepalive.go",
		"			k.finish(Stopped, nil)\n		case !k.hold.started && !k.hold.end.wanted:\n			c.failStart(now, k.hold, nil)\n",
		"			k.status = Stopped\n		case !k.hold.started && !k.hold.end.wanted:\n			c.failStart(now, k.hold, nil)\n",
		[]string{"status-order", "steady-while-kept"},
		inSoak,
	},
	{
		"the steady clock is never given back", inFuture + "keeper.go",
		"	if steady := len(kept) > 0; steady != c.steady {\n", "	if steady := len(kept) > 0 || c.steady; steady != c.steady {\n",
		[]string{"steady-while-kept"},
		inSoak,
	},
	{
		"a wake-up is asked for while a release waits", inFuture + "hold.go",
		"		at = min(at, h.end.due)\n",
		"		at = now.Mono\n",
		[]string{"no-busy-wake"},
		inSoak,
	},
	{
		"answered requests are never forgotten", inSession + "table.go",
		"	f.serial = 0\n	t.used--\n",
		"	t.late.list = append(t.late.list, *f)\n" +
			"	f.serial = 0\n	t.used--\n",
		[]string{"pending-cap"},
		inSoak,
	},
	{
		"a state that was there already counts as written", inFuture + "hold_leaves.go",
		"	if l.state = cancelled; fired {\n",
		"	if l.state = cancelled; fired && false {\n",
		[]string{"sim"},
		"sim TestStateThatWasThereIsSentAgain",
	},
	{
		"a stray may fire once only", inFuture + "hold_leaves.go",
		"	if l.by += l.again; l.again == 0 {\n",
		"	if true {\n",
		[]string{"sim"},
		"sim TestLeaveOfALateAttemptIsRepaired",
	},
	{
		"a hold does not know of the leaves of those before it", inFuture + "place.go",
		"		if free++; len(p.leaves) == 0 && p.writes == 0 || free",
		"		if free++; true || free",
		[]string{"sim"},
		"sim TestLeaveOfAnEarlierHoldIsRepaired",
	},
	{
		"what waits for a limit has no order", inFuture + "refresh.go",
		"		if len(o.asked) > 0 || o.nextAt <= now.Mono && o.ticket.expires.Mono < k.ticket.expires.Mono {\n", "		if false {\n",
		[]string{"sim"},
		"sim TestLimitedUserKeepsAllFutures",
	},
	{
		"a loss is not answered by quick attempts", inFuture + "refresh.go",
		"	case k.everyMs <= quickMs && silence < k.everyMs+quickMs:\n", "	case silence < 0:\n",
		[]string{"scale"},
		"scale TestHoldsOfAShortTimeoutLastWhereAThirdIsLost",
	},
	{
		"holds that an outage has cost their leave all come back at once", inFuture + "hold_leaves.go",
		"		h.askAt += c.spread(h.timeoutMs, 0, 1)\n",
		"",
		[]string{"scale"},
		"scale TestHoldsLostInAnOutageComeBackOneByOne",
	},
	{
		"refreshes after an outage are not spread", inFuture + "refresh.go",
		"return c.spread(k.everyMs, 0.4, 0.6)", "return k.everyMs * 0.7",
		[]string{"scale"},
		"scale TestRefreshesAfterAnOutageAreSpread",
	},
}
