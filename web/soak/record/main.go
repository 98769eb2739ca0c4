// Command record lets the worlds of package sim run through the border, as Go's
// own compiler makes it, and writes a stream of all that goes in and comes out
// there: web/soak/wasm.mjs repeats it with the wasm. Beside a world's pages a
// page enters that talks nonsense, and now and then one that talks much.
//
//	go run ./web/soak/record -seeds 200 -hours 1
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/widget-futures/widget-futures/jsbridge"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
	"github.com/widget-futures/widget-futures/web/soak/sim"
)

const hour = 3600 * 1000.0

// few is how many worlds share an instance of the wasm with a page that talks
// much. The next instance has the pages of more worlds, without one.
const few = 4

// options are the flags.
type options struct {
	seeds, share, nonsense int
	first                  uint64
	hours                  float64
}

func main() {
	var o options
	flag.IntVar(&o.seeds, "seeds", 200, "how many worlds to run")
	flag.Uint64Var(&o.first, "first", 1, "seed of the first of them")
	flag.Float64Var(&o.hours, "hours", 1, "virtual time of each")
	flag.IntVar(&o.nonsense, "nonsense", 1500, "inputs of nonsense for each world")
	flag.IntVar(&o.share, "share", 12, "how many worlds share an instance without a page that talks much")
	flag.Parse()
	if err := record(os.Stdout, &o); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func record(w io.Writer, o *options) error {
	s := newShim(newStream(w))
	s.say(frameExports, strings.Join(jsbridge.Inputs(), " "))
	for n := range o.seeds {
		seed := o.first + uint64(n)
		place := n % (few + o.share)
		if place == 0 || place == few {
			if err := s.fresh(place == 0); err != nil {
				return err
			}
		}
		if err := s.world(seed, o.hours); err != nil {
			return err
		}
		s.say(frameClient, fmt.Sprintf("seed %d, nonsense", seed))
		s.nonsense(seed, o.nonsense)
		if place == few/2 {
			s.say(frameClient, fmt.Sprintf("seed %d, much", seed))
			s.much()
		}
	}
	s.begin(frameEnd, int32(o.seeds))
	s.end()
	return s.out.Flush()
}

// world runs a world of the simulation through the border.
func (s *shim) world(seed uint64, hours float64) error {
	page := 0
	report := sim.Run(sim.Draw(seed, hours*hour), sim.Options{
		Core: func(cfg future.Config) (sim.Core, *future.Client) {
			page++
			s.say(frameClient, fmt.Sprintf("seed %d, page %d", seed, page))
			s.enter(jsbridge.InStart, session.Now{}, 0, 0, startFields(&cfg))
			return s, jsbridge.Client()
		},
	})
	for _, v := range report.Violations {
		return fmt.Errorf("seed %d: %s: %s", seed, v.Name, v.Text)
	}
	return nil
}

// hostOrigin is where the messages come from.
const hostOrigin = "https://host.example"

// startFields are a configuration as the record that the shim starts from.
func startFields(cfg *future.Config) []protocol.Field {
	c := &cfg.Session
	m := protocol.Append(nil, protocol.RoomID, &cfg.RoomID)
	if c.Dialect != protocol.Auto {
		m = protocol.AppendText(m, protocol.DialectName, c.Dialect.String())
	}
	m = protocol.AppendTexts(m, protocol.Capabilities, c.Capabilities)
	m = protocol.AppendNum(m, protocol.DeadlineMs, c.DeadlineMs)
	m = protocol.Append(m, protocol.StartWidgetID, &c.WidgetID)
	m = protocol.AppendText(m, protocol.StartHostOrigin, hostOrigin)
	m = protocol.AppendText(m, protocol.HomeserverURL, cfg.HomeserverURL)
	m = protocol.AppendNum(m, protocol.StartHandshakeMs, c.HandshakeMs)
	m = protocol.AppendText(m, protocol.StartUserID, cfg.UserID)
	return protocol.AppendNum(m, protocol.StartSeed, cfg.Seed)
}
