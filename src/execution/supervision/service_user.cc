#include "execution/supervision/service_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace pawl {
namespace {

constexpr std::array<cap_value_t, 3> kKept = {CAP_SETUID, CAP_SETGID, CAP_KILL};

Status system_failure(const char* what) {
  return fail(Code::kIo, std::string("service user: ") + what + ": " + std::strerror(errno));
}

Status keep_only(const std::array<cap_value_t, 3>& kept) {
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> set(cap_init(), cap_free);
  if (set == nullptr) {
    return system_failure("cap_init");
  }
  for (const cap_flag_t flag : {CAP_PERMITTED, CAP_EFFECTIVE}) {
    if (cap_set_flag(set.get(), flag, kept.size(), kept.data(), CAP_SET) != 0) {
      return system_failure("cap_set_flag");
    }
  }
  return cap_set_proc(set.get()) == 0 ? Status{} : system_failure("cap_set_proc");
}

// A service manager started us as this user, with the capabilities that we keep.
Status stay_service_user() {
  if (Status kept = keep_only(kKept); !kept) {
    return fail(Code::kForbidden,
                "service user: started as this user, but without the capabilities SETUID, SETGID "
                "and KILL (AmbientCapabilities= of the unit), or started as another user");
  }
  // Children must not inherit them.
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return system_failure("ambient capabilities");
  }
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? Status{} : system_failure("no_new_privs");
}

}  // namespace

Result<ChildUser> find_user(const std::string& name_or_number) {
  ChildUser out;
  const char* begin = name_or_number.data();
  const char* end = begin + name_or_number.size();
  const auto [stop, error] = std::from_chars(begin, end, out.user);
  if (error == std::errc{} && stop == end) {
    out.group = out.user;
  } else {
    const passwd* entry = getpwnam(name_or_number.c_str());
    if (entry == nullptr) {
      return fail(Code::kNotFound, "no user named \"" + name_or_number + "\"");
    }
    out.user = entry->pw_uid;
    out.group = entry->pw_gid;
  }
  if (out.user == 0 || out.group == 0) {
    return fail(Code::kInvalidParams, "\"" + name_or_number + "\" is root; expected another user");
  }
  return out;
}

Status become_service_user(const ChildUser& user) {
  if (geteuid() == user.user && getegid() == user.group) {
    return stay_service_user();
  }
  if (geteuid() != 0) {
    return fail(Code::kForbidden, "service user: only root can become another user");
  }
  if (prctl(PR_SET_KEEPCAPS, 1) != 0) {
    return system_failure("keep capabilities");
  }
  if (setgroups(0, nullptr) != 0 || setresgid(user.group, user.group, user.group) != 0 ||
      setresuid(user.user, user.user, user.user) != 0) {
    return system_failure("change of user");
  }
  if (Status kept = keep_only(kKept); !kept) {
    return kept;
  }
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? Status{} : system_failure("no_new_privs");
}

}  // namespace pawl
