#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::transport {

// rsync's library for options, popt, reads ~/.popt, where `rsync alias --timeout --delete` gives an option of
// ours another meaning: files would be deleted that nobody judged. So where there is such a file rsync gets
// another HOME. Its remote shell keeps the old one, as what that starts may need it.

// HOME, if popt would read a file of aliases there.
std::optional<std::string> home_with_aliases();

// A directory that holds nothing.
inline constexpr std::string_view k_no_home = "/dev/null";

// The remote shell, as rsync's --rsh has it, with this HOME.
std::string shell_with_home(std::string_view shell, std::string_view home);

// The same for arguments of rsync: its last --rsh, or one that is added instead of the environment's
// RSYNC_RSH.
void keep_home_of_shell(std::vector<std::string>& arguments, std::string_view home);

}  // namespace recentd::transport
