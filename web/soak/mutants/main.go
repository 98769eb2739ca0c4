// Command mutants breaks the core on purpose, one mutation at a time, each in a
// copy of the tree, and has the simulation (package soak/sim) look for it, or
// the one test that a rule needs which no single invariant shows: thousands of
// pages (package soak/scale), or a world made for it. It prints what caught which
// mutation after how many seeds, and fails when one survives, is caught by
// another invariant than expected, or cannot be applied any more.
//
//	go run ./web/soak/mutants [-seeds N] [-only word] [-workers N]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	seeds := flag.Int("seeds", 400, "worlds to try at most, for each mutation")
	hours := flag.Float64("hours", 1, "virtual time of each world")
	only := flag.String("only", "", "try only the mutations whose name has this in it")
	workers := flag.Int("workers", max(1, runtime.NumCPU()/2), "how many mutations to try at a time")
	flag.Parse()
	survived, err := run(&options{*seeds, *hours, *only, max(1, *workers)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if survived > 0 {
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	seeds   int
	hours   float64
	only    string
	workers int
}

// result is what became of a mutation.
type result struct {
	m    *mutation
	seed int
	by   string
	err  error
	done chan struct{}
}

func run(o *options) (wrong int, err error) {
	root, err := moduleRoot()
	if err != nil {
		return 0, err
	}
	var trees []string
	defer func() {
		for _, tree := range trees {
			_ = os.RemoveAll(tree)
		}
	}()
	for range o.workers {
		tree, err := os.MkdirTemp("", "widget-futures-mutants-")
		if err != nil {
			return 0, err
		}
		trees = append(trees, tree)
		if err := copyTree(root, tree); err != nil {
			return 0, err
		}
	}
	if _, name, err := soak(trees[0], min(o.seeds, 100), o.hours, runtime.NumCPU()); err != nil || name != "" {
		return 0, fmt.Errorf("the core itself is not without violations (%s), so nothing can be said of mutations: %w", name, err)
	}
	results := tryAll(root, trees, o)
	caught := 0
	fmt.Printf("%-58s %-24s %s\n", "mutation", "caught by", "seeds")
	for _, r := range results {
		<-r.done
		verdict := r.by
		switch {
		case r.err != nil:
			verdict = r.err.Error()
		case r.by == "":
			verdict = fmt.Sprintf("SURVIVED %d seeds", o.seeds)
		case !slices.Contains(r.m.caughtBy, r.by):
			verdict += " (expected: " + strings.Join(r.m.caughtBy, ", ") + ")"
		default:
			caught++
			fmt.Printf("%-58s %-24s %d\n", r.m.name, r.by, r.seed)
			continue
		}
		wrong++
		fmt.Printf("%-58s %s\n", r.m.name, verdict)
	}
	fmt.Printf("mutants: mutations=%d caught=%d\n", caught+wrong, caught)
	return wrong, nil
}

// tryAll tries the mutations side by side, one for each tree.
func tryAll(root string, trees []string, o *options) (results []*result) {
	for i := range mutations {
		if strings.Contains(mutations[i].name, o.only) {
			results = append(results, &result{m: &mutations[i], done: make(chan struct{})})
		}
	}
	var lock sync.Mutex
	next := 0
	for _, tree := range trees {
		go func() {
			for {
				lock.Lock()
				if next == len(results) {
					lock.Unlock()
					return
				}
				r := results[next]
				next++
				lock.Unlock()
				r.seed, r.by, r.err = r.m.try(root, tree, o)
				close(r.done)
			}
		}()
	}
	return results
}

// try applies the mutation, has its program look for it, and takes it back.
func (m *mutation) try(root, tree string, o *options) (seed int, by string, err error) {
	path := filepath.Join(tree, filepath.FromSlash(m.file))
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return 0, "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return 0, "", fmt.Errorf("cannot be applied: %q stands %d times in %s", m.old, n, m.file)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil {
		return 0, "", err
	}
	defer os.WriteFile(path, text, 0o600) //nolint:errcheck // the next mutation of the file would say so
	if m.finder != inSoak {
		by, err = test(tree, m.finder)
		return 0, by, err
	}
	return soak(tree, o.seeds, o.hours, max(1, runtime.NumCPU()/o.workers))
}

// test runs one test of a tree and returns its program's name if it fails.
func test(tree, name string) (by string, err error) {
	program, pattern, _ := strings.Cut(name, " ")
	command := exec.Command("go", "test", "-run", "^"+pattern+"$", "./web/soak/"+program)
	command.Dir = tree
	out, err := command.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err == nil && strings.Contains(string(out), "no tests to run"):
		return "", fmt.Errorf("there is no test %s", name)
	case err == nil:
		return "", nil
	case errors.As(err, &failed) && strings.Contains(string(out), "--- FAIL: "+pattern):
		return program, nil
	}
	return "", fmt.Errorf("go test: %w: %s", err, strings.TrimSpace(string(out)))
}

var violation = regexp.MustCompile(`^seed (\d+): ([a-z-]+):`)

// soak builds and runs the simulation of a tree until its first violation.
func soak(tree string, seeds int, hours float64, workers int) (seed int, name string, err error) {
	binary := filepath.Join(tree, "soak.bin")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "./web/soak")
	build.Dir = tree
	if out, err := build.CombinedOutput(); err != nil {
		return 0, "", fmt.Errorf("does not build: %s", strings.TrimSpace(string(out)))
	}
	command := exec.Command(binary, "-stop", "-shrink", "0", "-workers", strconv.Itoa(workers),
		"-seeds", strconv.Itoa(seeds), "-hours", strconv.FormatFloat(hours, 'g', -1, 64))
	out, err := command.StdoutPipe()
	if err != nil {
		return 0, "", err
	}
	if err := command.Start(); err != nil {
		return 0, "", err
	}
	// A mutation may make the core loop for ever.
	timer := time.AfterFunc(10*time.Minute, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if found := violation.FindStringSubmatch(lines.Text()); found != nil && name == "" {
			seed, _ = strconv.Atoi(found[1])
			name = found[2]
		}
	}
	var failed *exec.ExitError
	if err := command.Wait(); err != nil && (!errors.As(err, &failed) || name == "") {
		return 0, "", fmt.Errorf("soak: %w", err)
	}
	return seed, name, nil
}

// moduleRoot finds the tree that this belongs to.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	mod := strings.TrimSpace(string(out))
	if err != nil || filepath.Base(mod) != "go.mod" {
		return "", errors.New("run it inside the module")
	}
	return filepath.Dir(mod), nil
}

// copyTree copies what the simulation and its tests are built of.
func copyTree(from, to string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
			return err
		}
	}
	for _, dir := range []string{"protocol", "web/soak"} {
		err := filepath.WalkDir(filepath.Join(from, filepath.FromSlash(dir)), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			target := filepath.Join(to, relative)
			switch {
			case entry.IsDir():
				return os.MkdirAll(target, 0o700)
			case !strings.HasSuffix(path, ".go") || dir == "protocol" && strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(target, text, 0o600)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
