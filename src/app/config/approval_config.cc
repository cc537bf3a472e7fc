#include "app/config/approval_config.h"

#include "infrastructure/identity/safe_url.h"

namespace pawl {
namespace {

constexpr std::size_t kMostWebhooks = 8;

bool is_unset(const std::string& text) {
  return text.find(kUnsetSecret) != std::string::npos;
}

notify::Webhook read_webhook(YamlMap& entry, const Values& values) {
  notify::Webhook out;
  out.url = values.secret(entry, "webhook");
  if (!is_unset(out.url) && !identity::check_safe_url("", out.url)) {
    entry.bad("webhook", "expected a URL of https, or of http on a loopback address");
  }
  const std::string secret = values.secret(entry, "secret");
  if (is_unset(secret)) {
    return out;
  }
  Result<std::string> key = notify::webhook_key(secret);
  if (key) {
    out.key = *std::move(key);
  } else {
    entry.bad("secret", key.error().message);
  }
  return out;
}

void read_notify(YamlMap& approval, const Values& values, ApprovalConfig& out) {
  approval.each_item("notify", [&](YamlMap entry) {
    out.webhooks.push_back(read_webhook(entry, values));
    entry.finish();
  });
  if (out.webhooks.size() > kMostWebhooks) {
    approval.bad("notify", "expected at most 8");
  }
}

}  // namespace

void read_approval(YamlMap& root, const Values& values, Config& config) {
  std::optional<YamlMap> approval = root.map("approval");
  if (!approval) {
    return;
  }
  ApprovalConfig& out = config.approval;
  out.patience_s = approval->integer("patience_s", out.patience_s, 0, 3'600);
  out.pending_per_agent = approval->integer("pending_per_agent", out.pending_per_agent, 1, 1'000);
  out.address = approval->text("address");
  if (!out.address.empty() && !out.address.starts_with("https://") &&
      !out.address.starts_with("http://")) {
    approval->bad("address", "expected a URL of http or https, where people decide");
  }
  read_notify(*approval, values, out);
  approval->finish();
}

}  // namespace pawl
