// Command mutants breaks the core on purpose, one mutation at a time, each in a
// copy of the tree, and has the simulation (package soak/sim) look for it. It
// prints which invariant caught which mutation after how many seeds, and fails
// when one survives, is caught by another invariant than expected, or cannot be
// applied any more.
//
//	go run ./web/soak/mutants [-seeds N] [-only word]
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
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	seeds := flag.Int("seeds", 400, "worlds to try at most, for each mutation")
	hours := flag.Float64("hours", 1, "virtual time of each world")
	only := flag.String("only", "", "try only the mutations whose name has this in it")
	flag.Parse()
	survived, err := run(*seeds, *hours, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if survived > 0 {
		os.Exit(1)
	}
}

func run(seeds int, hours float64, only string) (wrong int, err error) {
	root, err := moduleRoot()
	if err != nil {
		return 0, err
	}
	tree, err := os.MkdirTemp("", "widget-futures-mutants-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tree)
	if err := copyTree(root, tree); err != nil {
		return 0, err
	}
	binary := filepath.Join(tree, "soak.bin")
	if _, name, err := soak(tree, binary, min(seeds, 100), hours); err != nil || name != "" {
		return 0, fmt.Errorf("the core itself is not without violations (%s), so nothing can be said of mutations: %w", name, err)
	}
	caught := 0
	fmt.Printf("%-58s %-24s %s\n", "mutation", "caught by", "seeds")
	for _, m := range mutations {
		if !strings.Contains(m.name, only) {
			continue
		}
		seed, by, err := m.try(root, tree, binary, seeds, hours)
		verdict := by
		switch {
		case err != nil:
			verdict = err.Error()
		case by == "":
			verdict = fmt.Sprintf("SURVIVED %d seeds", seeds)
		case !slices.Contains(m.caughtBy, by):
			verdict += " (expected: " + strings.Join(m.caughtBy, ", ") + ")"
		default:
			caught++
			fmt.Printf("%-58s %-24s %d\n", m.name, by, seed)
			continue
		}
		wrong++
		fmt.Printf("%-58s %s\n", m.name, verdict)
	}
	fmt.Printf("mutants: mutations=%d caught=%d\n", caught+wrong, caught)
	return wrong, nil
}

// try applies the mutation, runs the soak, and takes it back.
func (m *mutation) try(root, tree, binary string, seeds int, hours float64) (seed int, by string, err error) {
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
	return soak(tree, binary, seeds, hours)
}

var violation = regexp.MustCompile(`^seed (\d+): ([a-z-]+):`)

// soak builds and runs the simulation of a tree until its first violation.
func soak(tree, binary string, seeds int, hours float64) (seed int, name string, err error) {
	build := exec.Command("go", "build", "-o", binary, "./web/soak")
	build.Dir = tree
	if out, err := build.CombinedOutput(); err != nil {
		return 0, "", fmt.Errorf("does not build: %s", strings.TrimSpace(string(out)))
	}
	command := exec.Command(binary, "-stop", "-shrink", "0",
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

// copyTree copies what the simulation is built of.
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
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
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
