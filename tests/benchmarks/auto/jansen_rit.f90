! Jansen & Rit 1995, doi:10.1007/BF00199471: one node, or ndim / 6 nodes that send each other their
! firing rates with the weights in weights.txt (a row a receiving node). States are
! ordered by variable, then node. Parameters: 1 the external rate p, 2 the strength of the coupling.
module network
    implicit none
    double precision, parameter :: Ae = 3.25d0, a = 100, Bi = 22, b = 50, C = 135
    double precision, parameter :: e0 = 2.5d0, r = 0.56d0, v0 = 6, strength = 20
    double precision, allocatable :: weights(:, :)
contains
    elemental double precision function response(v)
        double precision, intent(in) :: v
        response = 2 * e0 / (1 + exp(r * (v0 - v)))
    end function

    subroutine read_weights(n)
        integer, intent(in) :: n
        integer :: file
        allocate(weights(n, n))
        open(newunit=file, file='weights.txt', status='old', action='read')
        read(file, *) weights
        close(file)
        weights = transpose(weights)
    end subroutine
end module

subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
    use network
    implicit none
    integer, intent(in) :: ndim, icp(*), ijac
    double precision, intent(in) :: u(ndim / 6, 0:5), par(*)
    double precision, intent(out) :: f(ndim / 6, 0:5)
    double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
    double precision :: rate(ndim / 6), drive(ndim / 6)
    rate = response(u(:, 1) - u(:, 2))
    drive = par(1)
    if (ndim > 6) drive = drive + par(2) * matmul(weights, rate)
    f(:, 0:2) = u(:, 3:5)
    f(:, 3) = Ae * a * rate - 2 * a * u(:, 3) - a**2 * u(:, 0)
    drive = drive + 0.8d0 * C * response(C * u(:, 0))
    f(:, 4) = Ae * a * drive - 2 * a * u(:, 4) - a**2 * u(:, 1)
    rate = 0.25d0 * C * response(0.25d0 * C * u(:, 0))
    f(:, 5) = Bi * b * rate - 2 * b * u(:, 5) - b**2 * u(:, 2)
end subroutine

! Of equal nodes, with rows of weights that sum to 1, all equilibria are known by x = y1 - y2.
subroutine stpnt(ndim, u, par, t)
    use network
    implicit none
    integer, intent(in) :: ndim
    double precision, intent(out) :: u(ndim / 6, 0:5)
    double precision, intent(inout) :: par(*)
    double precision, intent(in) :: t
    double precision :: x
    x = -3.53d0
    if (ndim > 6) x = 7.3d0  ! p = 114.5, between the events of the network
    u = 0
    u(:, 0) = Ae / a * response(x)
    u(:, 2) = Bi / b * 0.25d0 * C * response(0.25d0 * C * u(:, 0))
    u(:, 1) = x + u(:, 2)
    par(1) = a / Ae * u(1, 1) - 0.8d0 * C * response(C * u(1, 0))
    par(2) = 0
    if (ndim == 6) return
    call read_weights(ndim / 6)
    par(2) = strength
    par(1) = par(1) - par(2) * response(x)
end subroutine
