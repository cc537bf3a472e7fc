#include "infrastructure/http/sse.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace pawl::http::sse {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// One line for each line of `value`, whatever its line ends are.
void append_lines(std::string& out, std::string_view prefix, std::string_view value) {
  for (;;) {
    const std::size_t end = std::min(value.find_first_of("\r\n"), value.size());
    out.append(prefix).append(value.substr(0, end)).push_back('\n');
    if (end == value.size()) {
      return;
    }
    const bool crlf = value.substr(end, 2) == "\r\n";
    value.remove_prefix(end + (crlf ? 2 : 1));
  }
}

void append_field(std::string& out, std::string_view prefix, std::string_view value) {
  out.append(prefix);
  std::copy_if(value.begin(), value.end(), std::back_inserter(out),
               [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  out.push_back('\n');
}

}  // namespace

std::string encode(const Event& event) {
  std::string out;
  out.reserve(event.data.size() + event.event.size() + 48);
  if (!event.event.empty()) {
    append_field(out, "event: ", event.event);
  }
  if (event.id) {
    append_field(out, "id: ", *event.id);
  }
  if (event.retry_ms) {
    append_field(out, "retry: ", std::to_string(*event.retry_ms));
  }
  append_lines(out, "data: ", event.data);
  out.push_back('\n');
  return out;
}

std::string encode_comment(std::string_view text) {
  std::string out;
  append_lines(out, ": ", text);
  out.push_back('\n');
  return out;
}

Status Decoder::feed(std::string_view bytes, FunctionRef<void(Event)> deliver) {
  while (!failed_ && !bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    event_bytes_ += piece.size();
    if (event_bytes_ > max_event_bytes_) {
      failed_ = true;
      break;
    }
    if (end == std::string_view::npos) {
      partial_.append(piece);
      break;
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (partial_.empty()) {
      line(piece, deliver);
    } else {
      partial_.append(piece);
      const std::string whole = std::exchange(partial_, {});
      line(whole, deliver);
    }
  }
  if (failed_) {
    return fail(Code::kTooLarge,
                "server-sent event of more than " + std::to_string(max_event_bytes_) + " bytes");
  }
  return {};
}

void Decoder::line(std::string_view text, FunctionRef<void(Event)> deliver) {
  if (std::exchange(at_start_, false) && text.substr(0, 3) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.empty()) {
    dispatch(deliver);
    return;
  }
  const std::size_t colon = text.find(':');
  if (colon == 0) {
    return;  // a comment
  }
  std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') {
    value.remove_prefix(1);
  }
  field(text.substr(0, colon), value);
}

void Decoder::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) {
      current_.data += '\n';
    }
    current_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    current_.event = value;
    return;  // alone it makes no event
  } else if (name == "id") {
    if (value.find('\0') != std::string_view::npos) {
      return;
    }
    current_.id = std::string(value);
    last_event_id_ = value;
  } else if (name == "retry") {
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || stop != value.data() + value.size()) {
      return;
    }
    current_.retry_ms = number;
  } else {
    return;
  }
  any_field_ = true;
}

void Decoder::dispatch(FunctionRef<void(Event)> deliver) {
  Event event = std::exchange(current_, {});
  event_bytes_ = 0;
  has_data_ = false;
  if (std::exchange(any_field_, false)) {
    deliver(std::move(event));
  }
}

}  // namespace pawl::http::sse
