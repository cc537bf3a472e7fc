#include "infrastructure/bridge/kept_bytes.h"

#include "base/json_size.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kFieldBytes = 3 * sizeof(std::size_t);  // beside the text of a header field

}  // namespace

std::size_t kept_bytes(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) {
    bytes += sizeof(text) + text.capacity();
  }
  return bytes;
}

std::size_t kept_bytes(const jsonrpc::Message& message) {
  return message.text.capacity() + message.method.capacity() + message.id_text.capacity() +
         (message.value ? json::memory_bytes(*message.value) : 0) +
         kept_bytes(message.lossy_numbers);
}

std::size_t kept_bytes(const Inbound& inbound) {
  std::size_t bytes = kept_bytes(inbound.message) + kept_bytes(inbound.tokens) +
                      kept_bytes(inbound.policy) + inbound.traceparent.capacity();
  for (const http::Field& field : inbound.headers) {
    bytes += kFieldBytes + field.name.size() + field.value.size();
  }
  return bytes;
}

}  // namespace pawl::bridge
