package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// floor is the least: no check, no retry, no limit.
type floor struct{ client http.Client }

func newFloor() *floor {
	return &floor{http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}}
}

type chunk struct {
	Choices []struct {
		Delta   struct{ Content string }
		Message struct{ Content string }
	}
}

func (f *floor) call(measured measured) (string, error) {
	body := map[string]any{
		"model":    measured.model,
		"messages": []map[string]string{{"role": "user", "content": "Tell me a story."}},
	}
	if measured.stream {
		body["stream"] = true
		body["stream_options"] = map[string]bool{"include_usage": true}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(http.MethodPost, measured.url+"/chat/completions", bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer sk-bench-0123456789")
	response, err := f.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	if !measured.stream {
		all, err := io.ReadAll(response.Body)
		if err != nil {
			return "", err
		}
		var whole chunk
		if err := json.Unmarshal(all, &whole); err != nil {
			return "", err
		}
		return whole.Choices[0].Message.Content, nil
	}
	var words strings.Builder
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok || string(data) == "[DONE]" {
			continue
		}
		var piece chunk
		if err := json.Unmarshal(data, &piece); err != nil {
			return "", err
		}
		if len(piece.Choices) > 0 {
			words.WriteString(piece.Choices[0].Delta.Content)
		}
	}
	return words.String(), lines.Err()
}
