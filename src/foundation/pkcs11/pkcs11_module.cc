#include "foundation/pkcs11/pkcs11_module.h"

#include <algorithm>
#include <map>
#include <vector>

#include "foundation/crypto/wipe.h"

namespace pawl::pkcs11 {
namespace {

constexpr std::int64_t kPause_us = 1'000'000;
constexpr std::size_t kMaxNamed = 8;

struct Loaded {
  Mutex mutex;
  std::map<std::string, std::weak_ptr<Module>> modules PAWL_GUARDED_BY(mutex);
};
Loaded& loaded() {
  static Loaded all;
  return all;
}

// Fixed width, filled up with blanks.
std::string label_of(const CK_TOKEN_INFO& token) {
  std::string label(reinterpret_cast<const char*>(token.label), sizeof token.label);
  const std::size_t end = label.find_last_not_of(" \0");
  label.resize(end == std::string::npos ? 0 : end + 1);
  return label;
}

Digest tried(const Pkcs11Uri& uri, const std::string& pin) {
  const CK_TOKEN_INFO& token = *p11_kit_uri_get_token_info(uri.impl().uri.get());
  std::string text(reinterpret_cast<const char*>(token.label), sizeof token.label);
  text.append(reinterpret_cast<const char*>(token.serialNumber), sizeof token.serialNumber);
  const Digest digest = sha256(text.append(pin));
  wipe(text);
  return digest;
}

}  // namespace

Result<std::shared_ptr<Module>> Module::of(const std::string& path) {
  Loaded& all = loaded();
  MutexLock lock(all.mutex);
  if (std::shared_ptr<Module> there = all.modules[path].lock()) {
    return there;
  }
  CK_FUNCTION_LIST* functions = p11_kit_module_load(path.c_str(), P11_KIT_MODULE_CRITICAL);
  if (functions == nullptr) {
    const char* why = p11_kit_message();
    return fail(Code::kNotFound, "cannot load the PKCS #11 module " + path + ": " +
                                     (why == nullptr ? "no reason" : why));
  }
  const CK_RV begun = p11_kit_module_initialize(functions);
  if (!check_ok(begun)) {
    p11_kit_module_release(functions);
    return fail(Code::kIo, "the PKCS #11 module " + path + " does not start: " + reason(begun));
  }
  std::shared_ptr<Module> module(new Module(path, functions));
  all.modules[path] = module;
  return module;
}

Module::~Module() {
  MutexLock lock(mutex_);
  if (is_initialized_) {
    static_cast<void>(p11_kit_module_finalize(functions_));  // nothing is left to be told
  }
  p11_kit_module_release(functions_);
}

void Module::begin_anew(std::uint64_t generation) {
  const BootTime now = system_clock().boot();
  if (generation != generation_ || (begun_.us != 0 && now.us - begun_.us < kPause_us)) {
    return;
  }
  begun_ = now;
  ++generation_;
  if (is_initialized_) {
    static_cast<void>(p11_kit_module_finalize(functions_));  // it may have lost itself already
  }
  is_initialized_ = check_ok(p11_kit_module_initialize(functions_));
}

Result<CK_SLOT_ID> Module::find(const Pkcs11Uri& uri) {
  CK_ULONG count = 0;
  CK_RV answer = functions_->C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (check_ok(answer) && count > 0) {
    answer = functions_->C_GetSlotList(CK_TRUE, slots.data(), &count);
  }
  if (!check_ok(answer)) {
    return fail(Code::kIo, "the PKCS #11 module " + path_ + " tells no tokens: " + reason(answer));
  }
  slots.resize(std::min<std::size_t>(slots.size(), count));
  std::string labels;
  std::size_t named = 0;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token{};
    if (!check_ok(functions_->C_GetTokenInfo(slot, &token))) {
      continue;  // pulled out in between
    }
    if (p11_kit_uri_match_token_info(uri.impl().uri.get(), &token) == 1) {
      return slot;
    }
    if (!label_of(token).empty() && ++named <= kMaxNamed) {
      labels += (labels.empty() ? "" : ", ") + label_of(token);
    }
  }
  return fail(Code::kNotFound, "no such token is there; the module " + path_ + " has " +
                                   (labels.empty() ? "none" : labels));
}

Status Module::log_in(CK_SESSION_HANDLE session, const Pkcs11Uri& uri, const std::string& pin) {
  if (refused_.contains(tried(uri, pin))) {
    return fail(Code::kUnauthenticated, "the token refused the PIN of " + uri.pin_source() +
                                            " before, so it is not tried "
                                            "again; expected the right one there");
  }
  std::string copy = pin;
  const CK_RV answer =
      functions_->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(copy.data()),
                          static_cast<CK_ULONG>(copy.size()));
  if (check_ok(answer) || answer == CKR_USER_ALREADY_LOGGED_IN) {
    return {};
  }
  if (answer == CKR_PIN_INCORRECT || answer == CKR_PIN_LOCKED || answer == CKR_PIN_EXPIRED ||
      answer == CKR_PIN_INVALID || answer == CKR_PIN_LEN_RANGE) {
    refused_.insert(tried(uri, pin));
    return fail(Code::kUnauthenticated,
                answer == CKR_PIN_LOCKED
                    ? "the PIN of the token is locked; its security officer unlocks it"
                    : "the token refuses the PIN of " + uri.pin_source() + " (" + reason(answer) +
                          "); it is not tried again");
  }
  return fail(Code::kIo, "cannot log in to the token: " + reason(answer));
}

Result<CK_SESSION_HANDLE> Module::log_in(const Pkcs11Uri& uri, const std::string& pin) {
  if (!is_initialized_) {
    return fail(Code::kIo, "the PKCS #11 module " + path_ + " does not start again");
  }
  const Result<CK_SLOT_ID> slot = find(uri);
  if (!slot) {
    return fail(slot.error());
  }
  CK_SESSION_HANDLE session = 0;
  const CK_RV opened =
      functions_->C_OpenSession(*slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  if (!check_ok(opened)) {
    return fail(Code::kIo, "cannot open a session with the token: " + reason(opened));
  }
  if (Status in = log_in(session, uri, pin); !in) {
    static_cast<void>(functions_->C_CloseSession(session));
    return fail(in.error());
  }
  return session;
}

}  // namespace pawl::pkcs11
