"""Numbers of Linux system calls, by machine; test_decoder_filter.py holds them to the kernel's own."""

from dataclasses import dataclass

# What decoding comes down to: read the picture, write the answer, ask for memory, end.
ALLOWED = (
    "read",
    "write",
    "mmap",
    "munmap",
    "mremap",
    "brk",
    "madvise",
    "mprotect",
    "futex",
    "clock_gettime",
    "clock_nanosleep",
    "gettimeofday",
    "getpid",
    "gettid",
    "getrandom",
    "sched_yield",
    "sched_getaffinity",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "restart_syscall",
    "close",
    "exit",
    "exit_group",
)
# Memory that is both written and run is what injected code needs.
NOT_EXECUTABLE = ("mmap", "mprotect")
# No decoder asks for these by mistake.
DEADLY = (
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "execve",
    "execveat",
    "ptrace",
    "kill",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "bpf",
    "mount",
    "unshare",
    "setns",
    "userfaultfd",
    "perf_event_open",
    "keyctl",
    "init_module",
    "finit_module",
)
_SINCE_2019 = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as seccomp knows it (linux/audit.h), and its numbers.

    `foreign` is the least number of another calling convention (x32), which carries the same name.
    """

    audit: int
    numbers: dict[str, int]
    foreign: int | None = None


MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        {
            **{"read": 0, "write": 1, "close": 3, "mmap": 9, "mprotect": 10, "munmap": 11},
            **{"brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15},
            **{"sched_yield": 24, "mremap": 25, "madvise": 28, "getpid": 39, "socket": 41},
            **{"connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53},
            **{"execve": 59, "exit": 60, "kill": 62, "gettimeofday": 96, "ptrace": 101},
            **{"sigaltstack": 131, "mount": 165, "init_module": 175, "gettid": 186, "futex": 202},
            **{"sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228},
            **{"clock_nanosleep": 230, "exit_group": 231, "keyctl": 250, "unshare": 272},
            **{"accept4": 288, "perf_event_open": 298, "setns": 308, "process_vm_readv": 310},
            **{"process_vm_writev": 311, "finit_module": 313, "getrandom": 318, "bpf": 321},
            **{"execveat": 322, "userfaultfd": 323},
            **_SINCE_2019,
        },
        foreign=0x40000000,
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            **{"mount": 40, "close": 57, "read": 63, "write": 64, "exit": 93, "exit_group": 94},
            **{"unshare": 97, "futex": 98, "init_module": 105, "clock_gettime": 113},
            **{"clock_nanosleep": 115, "ptrace": 117, "sched_getaffinity": 123},
            **{"sched_yield": 124, "restart_syscall": 128, "kill": 129, "sigaltstack": 132},
            **{"rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139},
            **{"gettimeofday": 169, "getpid": 172, "gettid": 178, "socket": 198},
            **{"socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203},
            **{"brk": 214, "munmap": 215, "mremap": 216, "keyctl": 219, "execve": 221},
            **{"mmap": 222, "mprotect": 226, "madvise": 233, "perf_event_open": 241},
            **{"accept4": 242, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271},
            **{"finit_module": 273, "getrandom": 278, "bpf": 280, "execveat": 281},
            **{"userfaultfd": 282},
            **_SINCE_2019,
        },
    ),
}
