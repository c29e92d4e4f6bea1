! What AUTO calls for boundary values, integrals, objectives and further columns: there are none.
subroutine bcnd
end subroutine

subroutine icnd
end subroutine

subroutine fopt
end subroutine

subroutine pvls
end subroutine
