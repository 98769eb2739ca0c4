package sim

// reload is the page being loaded again: it is gone, with or without a word,
// and back soon.
func (d *drawer) reload(at float64) Item {
	return Item{
		Kind: oneOf(d.stream, Kill, Kill, Hide), At: at, Same: d.chance(0.7),
		Amount: d.among(0.02, 0.3, d.between(0.1, 2), d.between(1, 8)) * second,
	}
}

// scene draws faults and actions that belong together, each of which would not
// show by itself what the others make of it; it returns when the last has ended.
func (d *drawer) scene(t float64) (end float64) {
	switch d.weighted([]float64{3, 4, 2, 1, 2, 2, 2, 2, 2}) {
	case 0: // one loading follows the other
		for range 1 + d.below(4) {
			d.add(d.reload(t))
			t += d.among(d.between(0.3, 3), d.between(2, 20)) * second
		}
		return t
	case 1: // no refresh comes through, and meanwhile the page does something
		item := Item{Kind: Worker, At: t, For: d.between(8, 90) * second, Count: d.below(2)}
		if d.chance(0.5) {
			item = Item{Kind: Loss, At: t, For: item.For, Hop: hop(d.below(int(hopCount))), P: 1}
		}
		d.add(item)
		end = t + item.For
		if d.plan.Setting.Server == Merged && d.chance(0.9) { // what was sent already is sent again
			slot := d.below(4)
			if d.chance(0.6) {
				d.add(Item{Kind: Delegate, At: t + d.between(0, 1)*second, Slot: slot, Amount: d.between(200, 2000)})
				return end
			}
			at := end - d.between(1, 8)*second
			d.add(Item{Kind: Update, At: at, Slot: slot})
			d.add(Item{Kind: Release, At: at + d.between(100, 900), Slot: slot})
			return end
		}
		d.do(end - d.among(d.between(0, 1), d.between(0, 8))*second)
		return end
	case 2: // the leave is lost while there is no room for another
		item := Item{Kind: Full, At: t, For: d.between(20, 150) * second, Amount: d.among(60, 1200, 1200) * second}
		d.add(item)
		d.add(Item{Kind: Vanish, At: t + d.between(0, 3)*second})
		if d.chance(0.3) {
			d.add(d.reload(t + d.between(0, 10)*second))
		}
		return t + item.For
	case 3: // the server's limit is lowered, and the leave is lost
		if !d.lowered {
			d.lowered = true
			d.add(Item{Kind: Lower, At: t, Amount: d.among(5, 6, 9) * second})
		}
		d.add(Item{Kind: Vanish, At: t + d.between(0, 20)*second})
		return t + 20*second
	case 4: // a login that is being renewed, or gone for a while
		item := Item{Kind: Refuse, With: oneOf(d.stream, noLogin, unknownEndpoint), At: t, P: d.among(0.5, 1, 1)}
		item.For = d.among(d.between(0.5, 4), d.between(2, 8), d.between(20, 100)) * second
		item.Verbs = d.chance(0.5)
		d.add(item)
		return t + item.For
	case 5: // a host that tells late, or not of everything, and a page that is loaded again
		item := Item{Kind: oneOf(d.stream, Mute, Late), At: t, For: d.between(3, 60) * second, P: d.among(0.5, 1), Amount: d.among(2, 8, 20) * second}
		d.add(item)
		d.add(d.reload(t + item.For*d.unit()))
		return t + item.For
	case 6: // a server that answers late, and a page that does something meanwhile
		item := Item{Kind: Slow, At: t, For: d.between(10, 90) * second, Amount: d.among(2, 5, 12) * second}
		d.add(item)
		d.do(t + item.For*d.unit())
		d.do(t + item.For*d.unit())
		return t + item.For
	case 7: // a start whose leave nobody knows of, and another of the same state
		return d.twoStarts(t)
	}
	// The answers to attempts are lost, so that leaves are scheduled that nobody
	// knows of, and the present one too.
	item := Item{Kind: Loss, At: t, For: d.between(5, 40) * second, Hop: oneOf(d.stream, hostToPage, serverToHost), P: d.among(0.3, 0.6, 1)}
	d.add(item)
	if d.chance(0.5) { // and what asks for them is slow
		d.add(Item{
			Kind: Delay, At: t, For: item.For, Hop: oneOf(d.stream, pageToHost, hostToServer), P: d.among(0.5, 1),
			Amount: d.among(3, 8, 12) * second,
		})
	}
	d.add(Item{Kind: Vanish, At: t - d.between(0, 3)*second})
	d.do(t + item.For + d.between(-1, 8)*second)
	return t + item.For
}

// do draws what the page does at such a time: a new content or the end, and then
// perhaps its death in the very next moment.
func (d *drawer) do(at float64) {
	item := Item{Kind: oneOf(d.stream, Update, Update, Update, Release, Hide), At: at, Slot: d.below(4), Count: d.below(recurring + 1)}
	item.Amount, item.Same = d.between(0.2, 20)*second, d.chance(0.5)
	d.add(item)
	if item.Kind != Update {
		return
	}
	switch next := at + d.among(d.between(0, 100), d.between(0, 2000)); d.below(6) {
	case 0, 1:
		d.add(Item{Kind: Kill, At: next, Amount: d.between(0.2, 40) * second, Same: d.chance(0.5)})
	case 2, 3:
		d.add(Item{Kind: Release, At: next, Slot: item.Slot})
	case 4:
		d.add(Item{Kind: Hide, At: next, Amount: d.between(0.2, 40) * second, Same: d.chance(0.5)})
	}
}

// twoStarts draws the start of a hold whose answers are lost, its end, and
// another hold of the same state, on which the first one's leaves may fall; then
// nothing for a while, so that it shows.
func (d *drawer) twoStarts(t float64) (end float64) {
	first := d.hold()
	first.TimeoutMs, first.RefreshMs = d.among(8, 18, 30, 30)*second, 0
	item := Item{
		Kind: Loss, At: t - 1, For: d.between(0.5, 12) * second, Hop: oneOf(d.stream, hostToPage, serverToHost), P: d.among(0.5, 1),
	}
	d.add(item)
	d.add(Item{Kind: oneOf(d.stream, Join, GiveUp), At: t, Hold: first, Amount: d.between(0.1, 6) * second})
	other := first
	other.Class, other.TimeoutMs = d.below(recurring+1), d.among(8, 10)*second
	other.WithoutFuture = false
	at := t + d.among(d.between(0.1, 12), d.between(10, 28))*second
	d.add(Item{Kind: Join, At: at, Hold: other})
	return at + first.TimeoutMs + d.among(0, 150)*second
}
