package main

// kind says what an event is.
type kind uint8

const (
	join     kind = iota // a page opens and asks for its hold
	message              // the host's message reaches the page
	tick                 // a page's wake-up; arg: the timer that counts
	arrive               // a request reaches the homeserver's door
	answer               // its answer reaches the page
	due                  // a delayed event's timer; arg: its number
	tell                 // the host tells of the held state's event; arg: its number
	goDown               // the homeserver is out of reach
	comeBack             // and back
)

// event is something that will happen to a page.
type event struct {
	kind kind
	page *page
	arg  int32
	req  *request
}

// draws is a source of numbers that a seed decides (splitmix64).
type draws struct{ state uint64 }

func (d *draws) unit() float64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

func (d *draws) between(lo, hi float64) float64 { return lo + d.unit()*(hi-lo) }
