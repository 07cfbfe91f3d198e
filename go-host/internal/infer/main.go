// Command infer asks one question by the one-liner and prints what came of it as one JSON object.
//
//	infer MODEL BASE_URL PROMPT
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/literllm/literllm/go-host"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: infer MODEL BASE_URL PROMPT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "infer:", err)
		os.Exit(1)
	}
}

func run(model, baseURL, prompt string) error {
	provider, _, _ := strings.Cut(model, "/")
	client, err := literllm.NewClient(literllm.WithBaseURL(provider, baseURL))
	if err != nil {
		return err
	}
	answer, err := client.Infer(context.Background(), model, prompt)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(literllm.Component())
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"core_sha256": hex.EncodeToString(sum[:]),
		"text":        answer.Text,
		"tokens":      answer.Tokens,
		"finish":      answer.Finish,
		"usage":       answer.Usage,
	})
}
