"""Every sentence told to people about what happened, what is safe and what to do next.

`SENTENCES` maps each stable code (refusals, damage, trouble with the world, warnings) to three sentences with named
placeholders; `tell` fills them in the language in force. Details are codes, numbers and list entries, never a
person's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from returnee_desk.errors import DeskError
from returnee_desk.words import _, mark


class Sentence(NamedTuple):
    """`happened`, `safe` and `next` are whole sentences; `safe` and `next` may be empty."""

    happened: str
    safe: str = ""
    next: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


NOTHING_CHANGED = mark("No se guardó nada de esto; lo anterior sigue igual.")
SAVED = mark("Lo registrado está guardado.")
_FILE_SAFE = mark("Lo que se guardó antes sigue en el archivo de este puesto.")

SENTENCES: dict[str, Sentence] = {
    # reading what was typed
    "missing": Sentence(mark("Falta un dato: {path}."), NOTHING_CHANGED, mark("Complete ese dato y guarde de nuevo.")),
    "unknown_key": Sentence(
        mark("El dato {path} no se conoce."), NOTHING_CHANGED, mark("Revise cómo se escribe o quítelo.")
    ),
    "unknown_code": Sentence(
        mark("El código escrito en {path} no está en la lista."), NOTHING_CHANGED, mark("Elija uno de la lista.")
    ),
    "wrong_type": Sentence(
        mark("El dato {path} no tiene la forma esperada."),
        NOTHING_CHANGED,
        mark("Escríbalo de la forma que se indica."),
    ),
    "text_too_long": Sentence(
        mark("El texto en {path} es demasiado largo."), NOTHING_CHANGED, mark("Acórtelo; nada se corta sin avisar.")
    ),
    "too_many": Sentence(
        mark("Hay demasiados elementos en {path}."), NOTHING_CHANGED, mark("Divida el registro en partes.")
    ),
    "out_of_range": Sentence(
        mark("El número en {path} está fuera de lo posible."),
        NOTHING_CHANGED,
        mark("Revise el número y escríbalo de nuevo."),
    ),
    "invalid_json": Sentence(
        mark("La línea no se puede leer como datos."),
        NOTHING_CHANGED,
        mark("Corrija esa línea; las demás no se ven afectadas."),
    ),
    "invalid_date": Sentence(
        mark("La fecha en {path} no es una fecha posible."),
        NOTHING_CHANGED,
        mark("Escriba el día, el mes y el año, o solo lo que se sepa: 5/1994, 1994 o la edad."),
    ),
    "invalid_age": Sentence(
        mark("La edad en {path} no es posible."), NOTHING_CHANGED, mark("Escriba los años, o los meses si es bebé.")
    ),
    "two_ages": Sentence(
        mark("Se dio la edad de dos maneras en {path}."), NOTHING_CHANGED, mark("Deje solo una: la fecha o la edad.")
    ),
    "age_needed": Sentence(
        mark("Falta la edad o la fecha de nacimiento en {path}."),
        NOTHING_CHANGED,
        mark("Pregunte la edad; si no se sabe, escriba una aproximada."),
    ),
    "invalid_time": Sentence(
        mark("La hora en {path} no se entiende."), NOTHING_CHANGED, mark("Escriba la fecha y la hora completas.")
    ),
    "time_without_zone": Sentence(
        mark("A la hora en {path} le falta la zona horaria."),
        NOTHING_CHANGED,
        mark("Agregue -06:00 al final, la hora de Guatemala."),
    ),
    "invalid_document": Sentence(
        mark("El número de documento en {path} no es válido."),
        NOTHING_CHANGED,
        mark("Compárelo con el documento; si el documento dice lo mismo, márquelo como no verificado."),
    ),
    "invalid_phone": Sentence(
        mark("El teléfono en {path} no es válido."),
        NOTHING_CHANGED,
        mark("Los de Guatemala tienen ocho dígitos; los demás empiezan con + y el código del país."),
    ),
    "invalid_code": Sentence(
        mark("Eso no es un código de familia completo."),
        NOTHING_CHANGED,
        mark("Cópielo de la boleta, con la última letra o número."),
    ),
    "invalid_member": Sentence(
        mark("Eso no nombra a una persona."),
        NOTHING_CHANGED,
        mark("Escriba el código de la familia, # y el número de la persona."),
    ),
    "no_consent": Sentence(
        mark("Esta familia no aceptó que se guarden sus nombres y documentos."),
        NOTHING_CHANGED,
        mark("Si ahora acepta, anote primero su consentimiento."),
    ),
    # arrivals
    "arrival_needed": Sentence(
        mark("No se sabe en qué bus o vuelo llegó la familia."),
        NOTHING_CHANGED,
        mark("Abra la llegada o elija una de las abiertas."),
    ),
    "unknown_arrival": Sentence(
        mark("Esa llegada no está en este puesto."), NOTHING_CHANGED, mark("Elija una de la lista de llegadas.")
    ),
    "arrival_closed": Sentence(
        mark("Esa llegada ya está cerrada."), NOTHING_CHANGED, mark("Elija otra llegada o consulte a quien supervisa.")
    ),
    "arrival_exists": Sentence(
        mark("Esa llegada ya está anotada con otro número de personas."),
        NOTHING_CHANGED,
        mark("Corrija la que ya existe en lugar de abrir otra."),
    ),
    "others_above_headcount": Sentence(
        mark("Hay más personas sin familia que personas a bordo."), NOTHING_CHANGED, mark("Revise las dos cuentas.")
    ),
    "rows_missing": Sentence(
        mark("Todavía hay personas de esta llegada sin atender: filas {missing_rows}."),
        SAVED,
        mark("Regístrelas, o anote si se fueron o a quién se entregaron."),
    ),
    "unknown_row": Sentence(
        mark("Esa fila no existe en esta llegada."), NOTHING_CHANGED, mark("Las filas van de 1 a {rows}.")
    ),
    "handed_to_needed": Sentence(
        mark("Falta a quién se entregó."), NOTHING_CHANGED, mark("Escriba la institución: IGM, PGN, SBS, MSPAS.")
    ),
    "handed_to_unused": Sentence(
        mark("Se escribió una institución sin entregar a la persona."),
        NOTHING_CHANGED,
        mark("Marque la entrega o quite la institución."),
    ),
    # families and members
    "unknown_family": Sentence(
        mark("Esa familia no está en este archivo."), NOTHING_CHANGED, mark("Búsquela por nombre o por código.")
    ),
    "unknown_code_on_paper": Sentence(mark("Ese código no está en este archivo."), NOTHING_CHANGED),
    "ambiguous_code": Sentence(
        mark("Dos familias llevan el mismo código {code}."),
        mark("Las dos están guardadas."),
        mark("Elija la correcta por nombre o por fecha."),
    ),
    "unknown_member": Sentence(
        mark("La familia {code} no tiene a nadie con el número {n}."),
        NOTHING_CHANGED,
        mark("Vea los números en la ficha de la familia."),
    ),
    "ambiguous_member": Sentence(
        mark("En la familia {code} hay dos personas con el número {n}."),
        mark("Las dos están guardadas."),
        mark("Elija a la persona por su nombre en la ficha."),
    ),
    "family_void": Sentence(
        mark("La familia {code} está anulada."), NOTHING_CHANGED, mark("Busque el registro correcto de la familia.")
    ),
    "last_member": Sentence(
        mark("Es la última persona de la familia {code}."),
        NOTHING_CHANGED,
        mark("Si todo el registro es un error, anule la familia."),
    ),
    "another_arrival": Sentence(
        mark("La familia {code} llegó en otro bus o vuelo."),
        NOTHING_CHANGED,
        mark("Una persona solo pasa a una familia de su llegada."),
    ),
    "reason_needed": Sentence(
        mark("Falta el motivo."), NOTHING_CHANGED, mark("Escriba en pocas palabras por qué se cambia.")
    ),
    "code_used": Sentence(
        mark("El código {code} ya se usó para otra familia."),
        NOTHING_CHANGED,
        mark("Revise la hoja; use otra hoja o deje el código vacío."),
    ),
    "code_of_another_place": Sentence(
        mark("El código de la hoja es de otro lugar ({place})."), NOTHING_CHANGED, mark("Use una hoja de este puesto.")
    ),
    "key_reused": Sentence(
        mark("Esa clave ya se usó para otros datos."),
        mark("El primer registro sigue guardado."),
        mark("Use otra clave para esta familia."),
    ),
    "not_linked": Sentence(mark("Estas dos personas no están enlazadas."), NOTHING_CHANGED),
    "same_record": Sentence(
        mark("Es el mismo registro dos veces."), NOTHING_CHANGED, mark("Elija dos registros distintos.")
    ),
    # services
    "service_limit": Sentence(
        mark("El servicio {service} no se puede dar ahora."),
        NOTHING_CHANGED,
        mark("Vea qué recibió ya la familia, o pida el permiso de otra persona."),
    ),
    "service_limit.limit_arrival": Sentence(
        mark("El servicio {service} ya se dio en esta llegada."),
        NOTHING_CHANGED,
        mark("Si hace falta otra vez, pida el permiso de otra persona."),
    ),
    "service_limit.limit_day": Sentence(
        mark("El servicio {service} ya se dio hoy las veces permitidas."),
        NOTHING_CHANGED,
        mark("Se puede dar de nuevo desde {blocked_until}, o con el permiso de otra persona."),
    ),
    "service_limit.excluded_by": Sentence(
        mark("El servicio {service} no se da junto con otro que la familia ya recibió ({other})."),
        NOTHING_CHANGED,
        mark("Si el otro no se usó, deshágalo primero."),
    ),
    "service_limit.only_minor": Sentence(
        mark("El servicio {service} es solo para niñas, niños y adolescentes."), NOTHING_CHANGED
    ),
    "service_limit.only_adult": Sentence(mark("El servicio {service} es solo para personas adultas."), NOTHING_CHANGED),
    "service_limit.person_needed": Sentence(
        mark("El servicio {service} se da a cada persona."), NOTHING_CHANGED, mark("Elija a quién se entrega.")
    ),
    "service_per_family": Sentence(
        mark("El servicio {service} es para toda la familia."),
        NOTHING_CHANGED,
        mark("Entréguelo sin elegir a una persona."),
    ),
    "service_suits_nobody": Sentence(
        mark("El servicio {service} no corresponde a nadie de esta familia."),
        NOTHING_CHANGED,
        mark("Revise las edades."),
    ),
    "unknown_service": Sentence(
        mark("Esa entrega no está en este archivo."), NOTHING_CHANGED, mark("Véala en la ficha de la familia.")
    ),
    "unknown_slip": Sentence(mark("Esa boleta no es de esta familia."), NOTHING_CHANGED),
    "second_needed": Sentence(
        mark("Hace falta el permiso de otra persona."),
        NOTHING_CHANGED,
        mark("Que escriba su nombre y su contraseña quien supervisa."),
    ),
    # staff and opening
    "not_allowed": Sentence(
        mark("Su función no permite hacer esto."), NOTHING_CHANGED, mark("Pídalo a quien supervisa o administra.")
    ),
    "wrong_desk_kind": Sentence(
        mark("Esto no se hace en este tipo de puesto."),
        NOTHING_CHANGED,
        mark("Las familias se registran en los puestos de recepción."),
    ),
    "unknown_role": Sentence(mark("Esa función no existe."), NOTHING_CHANGED, mark("Elija una de la lista.")),
    "unknown_user": Sentence(mark("No hay nadie activo con ese nombre de usuario."), NOTHING_CHANGED),
    "user_exists": Sentence(
        mark("Ya hay una persona con ese nombre de usuario."), NOTHING_CHANGED, mark("Elija otro nombre.")
    ),
    "user_empty": Sentence(mark("Falta el nombre de usuario."), NOTHING_CHANGED),
    "user_needed": Sentence(mark("Hay varias personas con acceso."), "", mark("Escriba también su nombre de usuario.")),
    "user_removed": Sentence(
        mark("Ese usuario ya no trabaja en este puesto."), SAVED, mark("Pida acceso a quien administra el programa.")
    ),
    "too_many_users": Sentence(
        mark("Ya no caben más usuarios en este puesto."), NOTHING_CHANGED, mark("Quite a quienes ya no trabajan aquí.")
    ),
    "last_user": Sentence(
        mark("Es la última persona con acceso a este puesto."), NOTHING_CHANGED, mark("Agregue antes a otra.")
    ),
    "last_administrator": Sentence(
        mark("Es la última persona que administra este puesto."),
        NOTHING_CHANGED,
        mark("Nombre antes a otra persona que administre."),
    ),
    "wrong_passphrase": Sentence(
        mark("El usuario o la contraseña no son correctos."),
        _FILE_SAFE,
        mark("Revise mayúsculas y el idioma del teclado; si la olvidó, escriba el código de recuperación."),
    ),
    "try_later": Sentence(
        mark("Hubo varios intentos fallidos."), _FILE_SAFE, mark("Espere {seconds} segundos e intente de nuevo.")
    ),
    "passphrase_empty": Sentence(mark("Falta la contraseña."), NOTHING_CHANGED),
    "passphrase_needed": Sentence(
        mark("Falta la contraseña."), _FILE_SAFE, mark("Indique el archivo con la contraseña o la variable.")
    ),
    "passphrase_too_long": Sentence(mark("La contraseña es demasiado larga."), NOTHING_CHANGED),
    "invalid_recovery_code": Sentence(
        mark("El código de recuperación no está completo o tiene un error."),
        _FILE_SAFE,
        mark("Cópielo otra vez de la hoja guardada."),
    ),
    "wrong_recovery_code": Sentence(mark("Ese código de recuperación no es de este puesto."), _FILE_SAFE),
    "already_open": Sentence(
        mark("Este puesto está abierto en otra ventana o por otro programa."),
        SAVED,
        mark("Ciérrelo allí y abra de nuevo."),
    ),
    "no_desk": Sentence(mark("En esta carpeta no hay un puesto."), "", mark("Elija otra carpeta o cree el puesto.")),
    "desk_exists": Sentence(mark("En esta carpeta ya hay un puesto."), _FILE_SAFE, mark("Elija otra carpeta.")),
    "unknown_kind": Sentence(mark("Ese tipo de puesto no existe."), NOTHING_CHANGED),
    "unknown_place": Sentence(
        mark("Ese lugar no está en la lista."),
        NOTHING_CHANGED,
        mark("Use un código de la lista, o tres o cuatro letras con el nombre del lugar."),
    ),
    "invalid_letter": Sentence(mark("La letra del puesto va de la A a la Z."), NOTHING_CHANGED),
    "escrow_only_office": Sentence(mark("Solo la oficina central tiene llave de resguardo."), NOTHING_CHANGED),
    "file_exists": Sentence(mark("Ese archivo ya existe."), mark("No se tocó."), mark("Elija otro nombre.")),
    # the file and the disk
    "newer_file": Sentence(
        mark("Este archivo es de una versión más nueva del programa ({file}); este programa llega a {program}."),
        _FILE_SAFE,
        mark("Instale la versión nueva del programa."),
    ),
    "sqlite_too_old": Sentence(
        mark("Una parte del programa es demasiado antigua ({found}; hace falta {needed})."),
        _FILE_SAFE,
        mark("Instale el programa de nuevo."),
    ),
    "disk_full": Sentence(
        mark("El disco está lleno."),
        mark("No se guardó esto; lo anterior está completo."),
        mark("Libere espacio e intente de nuevo."),
    ),
    "disk_error": Sentence(
        mark("El disco dio un error."), _FILE_SAFE, mark("Haga una copia en una memoria y avise a soporte.")
    ),
    "read_only": Sentence(
        mark("No se puede escribir en ese disco o memoria."), NOTHING_CHANGED, mark("Revise el seguro de la memoria.")
    ),
    "busy": Sentence(
        mark("Otro programa está usando el archivo."), NOTHING_CHANGED, mark("Espere un momento e intente de nuevo.")
    ),
    "no_memory": Sentence(
        mark("La computadora se quedó sin memoria de trabajo."),
        NOTHING_CHANGED,
        mark("Cierre otros programas e intente de nuevo."),
    ),
    "stopped": Sentence(mark("Se detuvo antes de terminar."), NOTHING_CHANGED),
    "cannot_open": Sentence(
        mark("No se puede abrir el archivo."), _FILE_SAFE, mark("Revise los permisos de la carpeta.")
    ),
    "place_gone": Sentence(mark("La memoria o la carpeta ya no está."), SAVED, mark("Conéctela y elija de nuevo.")),
    "desk_is_folder": Sentence(
        mark("En lugar del archivo del puesto hay una carpeta."), "", mark("Avise a soporte; no borre nada.")
    ),
    "desk_empty": Sentence(
        mark("El archivo del puesto está vacío."), "", mark("Restaure la última copia; no borre nada.")
    ),
    "not_a_desk": Sentence(
        mark("Ese archivo no es de este programa."), mark("No se tocó."), mark("Elija otro archivo.")
    ),
    "desk_cut": Sentence(
        mark("El archivo del puesto está cortado."),
        mark("No se tocó."),
        mark("Restaure la última copia; no borre nada."),
    ),
    "desk_damaged": Sentence(
        mark("El archivo del puesto está dañado."),
        mark("No se tocó."),
        mark("Restaure la última copia; no borre nada."),
    ),
    "wrong_key": Sentence(
        mark("La llave no abre este archivo."), mark("No se tocó."), mark("Revise que sea el archivo de este puesto.")
    ),
    "slots_missing": Sentence(
        mark("Faltan los archivos de acceso del puesto."),
        _FILE_SAFE,
        mark("Recupérelos de una copia o pida ayuda a la oficina central."),
    ),
    "slots_damaged": Sentence(
        mark("Los archivos de acceso del puesto están dañados."),
        _FILE_SAFE,
        mark("Recupérelos de una copia o pida ayuda a la oficina central."),
    ),
    "slots_altered": Sentence(
        mark("Los archivos de acceso del puesto fueron cambiados fuera del programa."),
        _FILE_SAFE,
        mark("Avise a quien administra; recupérelos de una copia."),
    ),
    "keys_damaged": Sentence(
        mark("Las llaves de este puesto están dañadas."), _FILE_SAFE, mark("Avise a la oficina central.")
    ),
    "root_damaged": Sentence(
        mark("El archivo de la llave raíz está dañado."), _FILE_SAFE, mark("Use la copia guardada de la llave raíz.")
    ),
    "root_moved": Sentence(
        mark("La llave raíz no está en esta computadora."), NOTHING_CHANGED, mark("Conecte la memoria donde se guarda.")
    ),
    "not_a_backup": Sentence(
        mark("Ese archivo no es una copia de este programa."), mark("No se tocó."), mark("Elija otro archivo.")
    ),
    "backup_damaged": Sentence(
        mark("La copia está dañada y no sirve."), SAVED, mark("Haga otra copia en otra memoria.")
    ),
    "newer_backup": Sentence(
        mark("La copia es de una versión más nueva del programa."),
        mark("No se tocó."),
        mark("Instale la versión nueva."),
    ),
    "target_taken": Sentence(
        mark("Ese archivo es otra cosa o la copia de otro puesto."), mark("No se tocó."), mark("Elija otro nombre.")
    ),
    # sticks and bundles
    "not_enrolled": Sentence(
        mark("Este puesto todavía no está inscrito en la oficina central."),
        SAVED,
        mark("Haga la solicitud de inscripción y llévela a la oficina; mientras tanto siga registrando."),
    ),
    "stick_gone": Sentence(mark("La memoria ya no está."), SAVED, mark("Conéctela otra vez y repita.")),
    "stick_full": Sentence(
        mark("En la memoria no hay espacio suficiente."), SAVED, mark("Libere espacio o use otra memoria.")
    ),
    "stick_read_only": Sentence(
        mark("La memoria está protegida contra escritura."), SAVED, mark("Quite el seguro o use otra memoria.")
    ),
    "stick_error": Sentence(mark("La memoria dio un error."), SAVED, mark("Use otra memoria.")),
    "read_back_differs": Sentence(
        mark("Lo que se lee de la memoria no es igual a lo que se escribió."),
        SAVED,
        mark("No confíe en esa memoria; use otra y repita."),
    ),
    "not_a_bundle": Sentence(mark("Ese archivo no es un paquete de este programa."), mark("No se leyó nada de él.")),
    "not_for_me": Sentence(mark("Ese paquete es para otro lugar."), mark("No se leyó nada de él.")),
    "unknown_sender": Sentence(
        mark("No se conoce a quien envía ese paquete."),
        mark("No se leyó nada de él."),
        mark("Avise a la oficina central."),
    ),
    "bad_signature": Sentence(
        mark("La firma no es correcta: el archivo está dañado o fue cambiado."),
        mark("No se leyó nada de él."),
        mark("Pida otro y avise."),
    ),
    "bad_header": Sentence(
        mark("El paquete está mal formado."), mark("No se leyó nada de él."), mark("Pida otro y avise.")
    ),
    "bad_contents": Sentence(
        mark("El contenido del paquete está mal formado."), mark("No se leyó nada de él."), mark("Pida otro y avise.")
    ),
    "damaged": Sentence(
        mark("El paquete está dañado o incompleto."),
        mark("No se leyó nada de él."),
        mark("Pida que lo escriban de nuevo."),
    ),
    "parts_differ": Sentence(mark("Las partes del paquete no son del mismo envío."), mark("No se leyó nada de él.")),
    "part_missing": Sentence(
        mark("Falta una parte del paquete."), mark("No se leyó nada de él."), mark("Traiga la memoria completa.")
    ),
    "too_large": Sentence(mark("El archivo es más grande de lo permitido."), mark("No se leyó nada de él.")),
    "sealed_for_another": Sentence(
        mark("El contenido está cerrado con una llave que no es la de este puesto."),
        mark("No se leyó nada de él."),
        mark("Pida a quien lo envió que actualice su lista de llaves y lo haga de nuevo."),
    ),
    "unreadable": Sentence(
        mark("Ese archivo no se puede leer de la memoria."),
        mark("Los demás archivos de la memoria sí se leyeron."),
        mark("Pida que lo escriban de nuevo, mejor en otra memoria."),
    ),
    "update_needed": Sentence(
        mark("El paquete es de una versión más nueva del programa."),
        mark("Se dejó como está, sin perder nada."),
        mark("Instale la versión nueva."),
    ),
    "malformed_operation": Sentence(
        mark("El paquete trae datos que no tienen la forma correcta."),
        mark("No se leyó nada de él."),
        mark("Avise a la oficina central."),
    ),
    "foreign_operations": Sentence(
        mark("El paquete trae datos de otro lugar que quien lo envía no puede traer."),
        mark("No se leyó nada de él."),
        mark("Avise a la oficina central."),
    ),
    "practice_data": Sentence(
        mark("Los datos de práctica no se mezclan con los verdaderos."),
        NOTHING_CHANGED,
        mark("Use el puesto de práctica."),
    ),
    "unexpected": Sentence(mark("El archivo no es lo que se esperaba."), mark("No se leyó nada de él.")),
    # keys and enrolment
    "not_a_request": Sentence(mark("Ese archivo no es una solicitud de inscripción."), NOTHING_CHANGED),
    "not_an_answer": Sentence(mark("Ese archivo no es una respuesta de inscripción."), NOTHING_CHANGED),
    "answer_for_another_desk": Sentence(mark("La respuesta es para otro puesto."), NOTHING_CHANGED),
    "fingerprint_mismatch": Sentence(
        mark("Las seis palabras no coinciden."),
        NOTHING_CHANGED,
        mark("Llame de nuevo y compárelas; si siguen distintas, no continúe."),
    ),
    "letter_taken": Sentence(
        mark("Otro puesto en uso del mismo lugar ya tiene esa letra."),
        NOTHING_CHANGED,
        mark("Cree el puesto con otra letra."),
    ),
    "key_list_older": Sentence(mark("La lista de llaves es más antigua que la que ya se tiene."), NOTHING_CHANGED),
    "bad_key_list": Sentence(
        mark("La lista de llaves no es correcta."), NOTHING_CHANGED, mark("Avise a la oficina central.")
    ),
    "foreign_office": Sentence(
        mark("Eso viene de otra oficina central."), NOTHING_CHANGED, mark("Avise a su oficina central.")
    ),
    "device_revoked": Sentence(
        mark("Ese puesto fue dado de baja."), NOTHING_CHANGED, mark("Hable con la oficina central.")
    ),
    "device_moved": Sentence(mark("Ese puesto ya está inscrito en otro lugar."), NOTHING_CHANGED),
    "unknown_device": Sentence(mark("Ese puesto no está en la lista."), NOTHING_CHANGED),
    "invalid_recipient": Sentence(mark("La llave de resguardo no es correcta."), NOTHING_CHANGED),
    "no_escrow": Sentence(mark("Este puesto todavía no tiene llave de resguardo."), NOTHING_CHANGED),
    "no_epoch_sign": Sentence(
        mark("Este puesto agotó sus series de códigos."), NOTHING_CHANGED, mark("Cree el puesto con otra letra.")
    ),
    # the command line
    "passphrase_file": Sentence(
        mark("No se puede leer el archivo con la contraseña."), _FILE_SAFE, mark("Revise su nombre y que sea texto.")
    ),
    "no_file": Sentence(mark("No se puede leer el archivo indicado."), NOTHING_CHANGED, mark("Revise su nombre.")),
    "file_is_folder": Sentence(mark("En ese lugar hay una carpeta."), NOTHING_CHANGED, mark("Elija otro nombre.")),
    "line_too_long": Sentence(
        mark("El texto pasa de lo que cabe en un registro."), NOTHING_CHANGED, mark("Divida el registro en partes.")
    ),
    "invalid_period": Sentence(
        mark("Ese período no se entiende."),
        "",
        mark("Ejemplos: 2026-11-22, 2026-11, 2026, 2026-11-01..2026-11-15, 2026-11-22T19:00..2026-11-23T07:00."),
    ),
    "problems_found": Sentence(
        mark("La revisión encontró algo que no está bien."),
        mark("La revisión no cambió nada."),
        mark("Haga una copia con backup y avise a soporte."),
    ),
    "files_refused": Sentence(
        mark("Algún archivo de la memoria no se pudo tomar."),
        mark("Los demás se tomaron enteros."),
        mark("Vea cuál y por qué."),
    ),
    # what a stick brought that somebody should know
    "two_answers": Sentence(
        mark("Dos equipos anotaron cosas distintas en un mismo dato."),
        mark("Las dos respuestas están guardadas."),
        mark("Pregunte a la familia y elija la correcta."),
    ),
    "foreign_record": Sentence(
        mark("Otro lugar cambió un registro que no es suyo."),
        mark("El cambio está guardado y se puede revertir."),
        mark("Revise si es correcto."),
    ),
    "quarantined": Sentence(
        mark("Llegaron {operations} anotaciones de un equipo que ya no está autorizado."),
        mark("Se guardaron aparte y no cambian nada."),
        mark("Alguien con autoridad debe decidir si se toman."),
    ),
    "two_copies": Sentence(
        mark("Hay dos copias de un mismo equipo trabajando, o una copia antigua volvió a usarse."),
        mark("Lo de las dos copias está guardado."),
        mark("Averigüe cuál es el equipo verdadero y deje de usar el otro."),
    ),
    "receipt_ahead": Sentence(
        mark("La oficina tiene anotaciones de este equipo que aquí no están: se usa una copia antigua."),
        mark("La oficina las tiene y las envía de vuelta."),
        mark("Haga una memoria, llévela a la oficina y lea la respuesta."),
    ),
    "history_differs": Sentence(
        mark("La oficina no tiene lo mismo que este equipo."),
        mark("Aquí está todo; la próxima memoria lo lleva completo otra vez."),
        mark("Haga una memoria y llévela a la oficina."),
    ),
    "office_lost": Sentence(
        mark("La oficina ya no tiene algo que había dado por seguro."),
        mark("Aquí está todo; la próxima memoria lo lleva completo otra vez."),
        mark("Haga una memoria y llévela a la oficina cuanto antes."),
    ),
    "key_lists_differ": Sentence(
        mark("Hay dos listas de llaves distintas con el mismo número."),
        mark("Se sigue usando la que ya se tenía."),
        mark("Avise a la oficina central."),
    ),
    # what was passed over in a bundle that was taken
    "receipt_older": Sentence(mark("El acuse es anterior al último que se leyó y se dejó de lado.")),
    "receipt_not_mine": Sentence(mark("El acuse es para otro equipo y se dejó de lado.")),
    "receipt_forged": Sentence(mark("El acuse no lo firmó la oficina central y se dejó de lado.")),
    "tombstone_forged": Sentence(mark("Una orden de borrar no la firmó la oficina central y se dejó de lado.")),
    "key_list_forged": Sentence(mark("Una lista de llaves no la firmó la oficina central y se dejó de lado.")),
    "office_operation_forged": Sentence(
        mark("Una anotación a nombre de la oficina central no lleva su firma y se dejó de lado.")
    ),
    # wrong use
    "usage": Sentence(mark("La orden no está bien escrita: {message}"), NOTHING_CHANGED, mark("Vea --help.")),
    "bug": Sentence(
        mark("Algo falló dentro del programa."),
        _FILE_SAFE,
        mark("Intente de nuevo; si se repite, avise a soporte con este código: {what}."),
    ),
    "no_display": Sentence(
        mark("No hay pantalla para abrir la ventana."), SAVED, mark("Use las órdenes de texto: returnee-desk --help.")
    ),
    # warnings: nothing is refused
    "age_uncertain": Sentence(mark("Con esa fecha no se sabe si es menor de edad; se cuenta como menor.")),
    "sex_against_role": Sentence(mark("El sexo y el parentesco no concuerdan."), "", mark("Revise los dos.")),
    "cui_municipality": Sentence(
        mark("El municipio dentro del CUI no está en la lista."), "", mark("Compárelo con el documento.")
    ),
    "document_elsewhere": Sentence(
        mark("El mismo documento está en otro registro."), "", mark("Vea si es la misma persona.")
    ),
    "more_than_headcount": Sentence(
        mark("Hay más personas registradas que personas a bordo."), "", mark("Revise la cuenta de la llegada.")
    ),
    "code_of_another_desk": Sentence(mark("El código de la hoja es de otra computadora de este lugar.")),
    "separated_child": Sentence(
        mark("Una niña, niño o adolescente viene sin su madre ni su padre."),
        "",
        mark("Avise a PGN y SBS; no cuenta en esta familia."),
    ),
    "handover_needed": Sentence(
        mark("Hay niñas, niños o adolescentes sin madre, padre, tutor ni tutora."),
        "",
        mark("Avise ahora a PGN y SBS, que deben hacerse cargo."),
    ),
    "minor_parent": Sentence(
        mark("La madre o el padre es menor de edad y viene sin su propia madre o padre."),
        "",
        mark("Avise a PGN y SBS."),
    ),
    "sibling_or_child": Sentence(
        mark("Hay hermanas o hermanos junto a su madre o padre."),
        "",
        mark("¿No son hijas o hijos? Revise el parentesco."),
    ),
    "grandchild_role": Sentence(
        mark("El parentesco se cuenta desde la niña o el niño más pequeño."),
        "",
        mark("Revise quién es madre, hija y abuela."),
    ),
    "two_families": Sentence(mark("Parece que son dos familias juntas."), "", mark("Pregunte; si lo son, sepárelas.")),
    # paper and the printer
    "no_printer": Sentence(
        mark("No se encontró ninguna impresora."), SAVED, mark("Conéctela e intente de nuevo, o guarde el PDF.")
    ),
    "printer_failed": Sentence(
        mark("La impresora no aceptó el papel."), SAVED, mark("Vea que esté encendida y con papel, e intente de nuevo.")
    ),
    "file_not_written": Sentence(
        mark("El archivo no se pudo escribir en esa carpeta."), SAVED, mark("Elija otra carpeta.")
    ),
}


class _Facts(dict[str, Any]):
    """Details for the placeholders; what is not known is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _readable(value: Any) -> Any:
    if value in (None, "", []):
        return "—"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def tell(code: str, details: Mapping[str, Any] | None = None) -> Sentence:
    """The sentences for a code. An unknown code is told as such, never as a raw traceback."""
    facts = _Facts({key: _readable(value) for key, value in (details or {}).items()})
    why, _colon, facts["other"] = str(facts["why"]).partition(":")
    known = SENTENCES.get(f"{code}.{why}") or SENTENCES.get(code)
    if known is None:
        return Sentence(
            _("Algo no se pudo hacer ({code}).").format(code=code),
            _(NOTHING_CHANGED),
            _("Intente de nuevo; si se repite, avise a quien administra el programa."),
        )
    return Sentence(*(_(part).format_map(facts) if part else "" for part in known))


def tell_error(error: DeskError) -> Sentence:
    """The sentences for an error. A code not found on paper is told apart from a code not on a list."""
    code = "unknown_code_on_paper" if error.code == "unknown_code" and error.path is None else error.code
    return tell(code, {**error.details, "path": error.path})
