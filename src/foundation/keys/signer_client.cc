#include "foundation/keys/signer_client.h"

#include <utility>

namespace pawl::signer {
namespace {

constexpr std::chrono::milliseconds kPatience{2'000};

}  // namespace

SignerClient::SignerClient(std::string socket, WhichKey key)
    : line_(std::move(socket), kPatience, kMaxLine), key_(key) {}

Result<PublicKey> SignerClient::public_part() {
  const Result<std::string> answer = line_.ask(print_request({key_, true, ""}));
  return answer ? parse_public(*answer) : fail_at("the signer", answer.error());
}

Result<std::string> SignerClient::sign(std::string_view message) {
  const Result<std::string> answer = line_.ask(print_request({key_, false, std::string(message)}));
  return answer ? parse_signature(*answer) : fail_at("the signer", answer.error());
}

Status SignerClient::look() {
  const Status there = line_.look();
  return there ? there : fail_at("the signer", there.error());
}

}  // namespace pawl::signer
