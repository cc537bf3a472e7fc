#include "infrastructure/bridge/core.h"

#include <utility>

#include "foundation/crypto/sha256.h"
#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::int64_t kKeepAliveUs = 15'000'000;
// Longer than any approval: its own end is what counts.
constexpr std::int64_t kApprovalStateLife = 48LL * 3600 * 1'000'000;

// One secret, a key for each use.
std::string derived(const std::string& key, std::string_view use) {
  return std::string(view(hmac_sha256(key, use)));
}

}  // namespace

Core::Core(BridgeParts given, BridgeOptions chosen)
    : parts(std::move(given)),
      options(std::move(chosen)),
      states(derived(options.key, "mcp request state"), Uuid::v7(parts.clock.wall(), parts.random),
             parts.random),
      approval_states(derived(options.key, "mcp approval state"), Uuid{}, parts.random,
                      kApprovalStateLife),
      cursors(derived(options.key, "mcp cursor")),
      tasks(derived(options.key, "mcp task handle")),
      task_seal(derived(options.key, "mcp followed task"), parts.random),
      own_tasks(derived(options.key, "mcp own task"), options.max_own_task_bytes),
      sessions(options.sessions, parts.random, parts.scheduler),
      revisions(parts.clock) {}

std::string Core::proof_of(const RecordRef& record) const {
  return options.proof_prefix.empty() || record.id.is_nil()
             ? ""
             : options.proof_prefix + std::to_string(record.index);
}

http::Headers Core::receipt_header(const http::Headers& asked, const RecordRef& record) const {
  http::Headers out;
  if (!parts.receipt_of || record.token.empty() || asked.get(names::kFieldReceipt) != "?1") {
    return out;
  }
  const std::string receipt = parts.receipt_of(record);
  const bool fits = receipt.size() <= options.token_header_bytes;
  if (!receipt.empty() && (fits || !plugged(ControlId::kReceiptHeader))) {
    out.add(names::kFieldReceipt, receipt);
  }
  return out;
}

void Core::note_change(const std::string& server, std::string_view method) {
  if (method == "notifications/tools/list_changed") {
    schemas.changed(server);
  }
}

void Core::end_revoked_sessions() {
  sessions.end_revoked([this](const Caller& caller) { return parts.gateway.is_revoked(caller); });
}

void Core::tick() {
  const BootTime now = parts.clock.boot();
  sessions.end_idle(now);
  end_revoked_sessions();
  own_tasks.forget_old(parts.clock.wall());
  if (now.us - kept_alive_.us < kKeepAliveUs) {
    return;
  }
  kept_alive_ = now;
  sessions.keep_alive();
  std::erase_if(subscriptions, [](const std::weak_ptr<Reply>& weak) {
    const std::shared_ptr<Reply> reply = weak.lock();
    if (reply) {
      reply->keep_alive();
    }
    return reply == nullptr;
  });
}

}  // namespace pawl::bridge
