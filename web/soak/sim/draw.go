package sim

import (
	"sort"

	"github.com/widget-futures/widget-futures/protocol"
)

const second = 1000.0

// Draw makes the plan of a seed: a setting, then storms of faults with calm
// between them, long enough now and then for everything to become well, and a
// page that does things all the time.
func Draw(seed uint64, ms float64) *Plan {
	s := newStream(seed, 7)
	d := &drawer{stream: &s, plan: &Plan{Seed: seed, Ms: ms}}
	d.setting()
	d.beginning()
	for t := 20 * second; t < ms; {
		t += d.among(d.between(20, 90), d.between(60, 200), d.between(240, 500)) * second
		if d.chance(0.4) {
			t = d.scene(t)
		} else {
			t = d.storm(t)
		}
	}
	d.acts()
	items := d.plan.Items
	sort.SliceStable(items, func(i, j int) bool { return items[i].At < items[j].At })
	for len(items) > 0 && items[len(items)-1].At >= ms {
		items = items[:len(items)-1]
	}
	for i := range items {
		items[i].N = i + 1
	}
	d.plan.Items = items
	return d.plan
}

type drawer struct {
	*stream
	plan    *Plan
	lowered bool // the server's limit, in a scene
}

func (d *drawer) add(item Item) { d.plan.Items = append(d.plan.Items, item) }

// setting draws host, homeserver and what the page knows of them.
func (d *drawer) setting() {
	set := &d.plan.Setting
	set.Host = HostKind(d.weighted([]float64{Modern: 46, Dotted: 7, Draft: 14, Prefixed: 7, Rust: 14, Old: 8, Yes: 4}))
	set.Dialect, set.Server = protocol.Auto, Synapse
	switch set.Host {
	case Draft:
		set.Dialect, set.Server = protocol.Futures, June2024
	case Prefixed:
		set.Dialect, set.Server = protocol.FuturesPrefixed, June2024
	case Old:
		set.Dialect = oneOf(d.stream, protocol.Auto, protocol.Delayed, protocol.Futures)
	default:
		set.Server = oneOf(d.stream, Synapse, Synapse, Synapse, OwnCancels, OwnCancels, Merged, Merged)
	}
	set.DeadlineMs = d.among(10, 10, 10, 5, 20) * second
	set.BatchMs = d.among(0, 0, 0, 1, 5) * second
	if d.chance(0.15) {
		set.MaxDelayMs = d.among(3, 7, 10, 12) * second
	}
	set.LimitForm = d.below(len(limitForms))
	set.FuturesOff = d.chance(0.03)
	set.Limited = d.chance(0.1)
	set.Watched = d.chance(0.65)
	set.UserKnown = d.chance(0.5)
	set.NeverTold = d.chance(0.05)
	set.NoRestart = d.chance(0.03)
	set.Reentrant = d.chance(0.2)
	set.Homeserver = set.Dialect.Tokens() || d.chance(0.5)
	set.MonoStops = d.chance(0.5)
}

func (d *drawer) hold() Hold {
	h := Hold{
		Key:           d.below(len(stateKeys)),
		TimeoutMs:     d.among(8, 8, 10, 10, 18, 30, 60) * second,
		StayOnHide:    d.chance(0.2),
		WithoutFuture: d.chance(0.12),
		Class:         d.below(recurring + 1),
		Wordy:         d.chance(0.15),
	}
	if d.plan.Setting.NoRestart {
		h.WithoutFuture = d.chance(0.8)
	}
	if d.chance(0.3) {
		h.RefreshMs = h.TimeoutMs * d.among(0.15, 0.2, 0.3)
	}
	if d.chance(0.2) {
		h.DeadlineMs = d.among(3, 30) * second
	}
	return h
}

// beginning: a page joins at once, and keeps another future alive.
func (d *drawer) beginning() {
	for key := range 1 + d.below(2) {
		h := d.hold()
		h.Key = (h.Key + key) % len(stateKeys)
		d.add(Item{Kind: Join, At: d.between(0, 3000), Hold: h})
	}
	if d.chance(0.5) {
		d.add(Item{Kind: Schedule, At: d.between(0, 3000), Amount: d.among(10, 20, 60) * second})
		d.add(Item{Kind: Keep, At: 9000})
	}
	if d.chance(0.05) {
		d.add(Item{Kind: SendPlain, At: d.between(0, 500), Count: oneOf(d.stream, 50, 1500, 9000)})
	}
	if d.chance(0.1) { // the host is bad from the start
		d.add(Item{Kind: Loss, At: 0, For: d.between(1, 20) * second, Hop: d.postHop(), P: d.between(0.1, 0.6)})
	}
}

// postHop is one of the two ways between page and host.
func (d *drawer) postHop() hop { return hop(d.below(2)) }

// storm draws a few faults near each other and returns when the last has ended.
func (d *drawer) storm(t float64) (end float64) {
	end = t
	for range 1 + d.below(4) {
		item := d.fault(t + d.between(0, 20)*second)
		d.add(item)
		end = max(end, item.At+item.For)
		d.also(item)
	}
	return end
}

func (d *drawer) fault(at float64) Item {
	item := Item{At: at, For: d.among(d.between(1, 10), d.between(5, 40), d.between(30, 150)) * second, Slot: d.below(4)}
	item.Kind = Kind(d.weighted([]float64{
		Loss: 14, Delay: 12, Duplicate: 6, Reorder: 6, Refuse: 16, Unexplain: 6, Garble: 4, HostDown: 4, ServerDown: 8,
		Throttle: 5, Sleep: 8, WallStep: 5, Vanish: 3, Kick: 4, Revoke: 1,
		Worker: 4, Full: 3, Lower: 0.4, Mute: 4, Late: 4, Slow: 4,
	}))
	switch item.Kind {
	case Loss:
		item.Hop, item.P = hop(d.below(int(hopCount))), d.among(0.1, 0.3, 0.6, 1)
	case Delay:
		item.Hop, item.P = hop(d.below(int(hopCount))), d.among(0.2, 0.6, 1)
		item.Amount = d.among(0.5, 3, 12, 30) * second
	case Duplicate:
		item.Hop, item.P = hop(d.below(int(hopCount))), d.among(0.2, 1)
	case Reorder:
		item.Hop, item.Amount = hop(d.below(int(hopCount))), d.among(0.05, 1, 4)*second
	case Refuse:
		item.With, item.P = Refusal(d.below(int(refusalCount))), d.among(0.2, 0.7, 1)
		switch item.With {
		case noPower:
			item.P, item.For = 0.2, d.between(0.2, 3)*second // or nothing would ever live
		case noLogin, unknownEndpoint:
			item.For = d.among(d.between(0.2, 3), d.between(1, 8), d.between(30, 100)) * second
		}
		item.Verbs = refusals[item.With].gone() && d.chance(0.8)
		item.After = refusals[item.With].open() && d.chance(0.4)
	case Worker:
		item.Count = d.below(2)
	case Full:
		item.Amount = d.among(15, 60, 1200) * second
	case Lower:
		item.For, item.Amount = 0, d.among(5, 6, 9)*second
	case Mute:
		item.P = d.among(0.5, 1)
	case Late:
		item.Amount = d.among(2, 8, 20) * second
	case Slow:
		item.Amount = d.among(2, 5, 12) * second
	case Unexplain:
		item.P, item.After = d.among(0.3, 1), d.chance(0.5)
	case Garble:
		item.P = d.among(0.2, 0.8)
	case Sleep:
		item.For = d.among(d.between(3, 20), d.between(20, 120), d.between(120, 600)) * second
		item.Count = d.below(3)
	case Vanish, Kick, Revoke:
		item.For = 0
	case WallStep:
		item.For = 0
		item.Amount = d.among(-1, 1) * d.among(1.5, 5, 30, 3600) * second
	}
	return item
}

// also adds what often comes with a fault.
func (d *drawer) also(item Item) {
	switch {
	case item.Kind == Loss && d.chance(0.4): // both ways
		back := item
		back.Hop ^= 1
		d.add(back)
	case d.chance(0.15): // the page dies while it lasts
		d.add(Item{
			Kind: oneOf(d.stream, Kill, Hide), At: item.At + item.For*d.unit(), Amount: d.between(0.2, 30) * second,
			Same: d.chance(0.5),
		})
	}
}

// acts draws what the page does, and what is done to it.
func (d *drawer) acts() {
	for t := 5 * second; t < d.plan.Ms; {
		t += d.among(d.between(1, 10), d.between(20, 90), d.between(60, 400)) * second
		item := Item{At: t, Slot: d.below(4)}
		item.Kind = firstAct + Kind(d.weighted([]float64{
			Join - firstAct: 10, Update - firstAct: 16, Release - firstAct: 5, GiveUp - firstAct: 3,
			Schedule - firstAct: 8, RefreshIt - firstAct: 4, CancelIt - firstAct: 2, SendIt - firstAct: 2,
			Keep - firstAct: 6, StopKeep - firstAct: 2, SendPlain - firstAct: 4, Ask - firstAct: 1,
			Close - firstAct: 1, Kill - firstAct: 3, Hide - firstAct: 2, Freeze - firstAct: 2, Awake - firstAct: 2,
		}))
		switch item.Kind {
		case Join, GiveUp:
			item.Hold, item.Amount = d.hold(), d.among(0, 0.02, 0.3, 3)*second
			if item.Kind == Join && d.chance(0.15) { // the page is loaded again within the start
				d.add(d.reload(t + d.between(0, 2)*second))
			}
		case Update:
			item.Count = d.below(recurring + 1)
		case Schedule:
			item.Amount = d.among(10, 20, 60) * second
			if d.chance(0.2) {
				item.Count = 1 + d.below(200)
			}
		case Keep:
			item.Amount = d.among(0, 2, 4) * second
		case SendPlain:
			item.Count = oneOf(d.stream, 1, 3, 40)
		case Close, Kill, Hide:
			item.Same = d.chance(0.6)
			item.Amount = d.among(d.between(0.05, 2), d.between(2, 40), d.between(30, 120)) * second
		case Freeze:
			item.For = d.among(d.between(0.5, 5), d.between(5, 60)) * second
		}
		d.add(item)
	}
}
