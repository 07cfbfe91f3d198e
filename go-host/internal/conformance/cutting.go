package main

import (
	"fmt"
	"slices"
)

// seededCuts is how many cuts a seeded cutting makes.
const seededCuts = 20

// pieces of a body, which joined are the body. At least one.
func pieces(name, cutting string, body []byte) ([][]byte, error) {
	switch cutting {
	case "whole":
		return [][]byte{body}, nil
	case "bytes":
		if len(body) == 0 {
			return [][]byte{body}, nil
		}
		return slices.Collect(slices.Chunk(body, 1)), nil
	case "seeded":
		// FNV-1a, so that a name always means the same cuts.
		seed := uint64(0xcbf29ce484222325)
		for _, c := range []byte(name) {
			seed = (seed ^ uint64(c)) * 0x0100000001b3
		}
		places := []int{0, len(body)}
		for range seededCuts {
			places = append(places, below(&seed, len(body)+1))
		}
		slices.Sort(places)
		var cut [][]byte
		for i := range len(places) - 1 {
			cut = append(cut, body[places[i]:places[i+1]])
		}
		return cut, nil
	}
	return nil, fmt.Errorf("there is no cutting %q: whole, bytes, seeded", cutting)
}

// below is a number below bound (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
func below(state *uint64, bound int) int {
	*state += 0x9E3779B97F4A7C15
	x := *state
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9
	x = (x ^ (x >> 27)) * 0x94D049BB133111EB
	return int((x ^ (x >> 31)) % uint64(bound))
}
