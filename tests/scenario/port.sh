# SPDX-License-Identifier: Apache-2.0
#
# choose_port puts into $port one that a broker can be started on, stopped and started again. It is below those that the
# system gives to outgoing connections (32768 and up), so that none of these takes it while the broker is away; and it
# follows from the process id, so that tests that run at the same time choose different ones. Called again, it chooses
# another. tests/port.h does the same in C.
ports_tried=0

choose_port() {
    while
        port=$((10000 + ($$ + 7919 * ports_tried) % 20000))
        ports_tried=$((ports_tried + 1))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
    do :; done
}
